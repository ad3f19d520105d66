import type { Job, Segment } from "@audio/archive";
import type { KeeperContext } from "../context.js";
import { HookError } from "../errors.js";
import { deliver } from "../hooks/deliver.js";
import { type Delivery, deliveriesFor } from "../hooks/deliveries.js";
import type { HookEvent } from "../hooks/event.js";
import { retryDelayMs } from "../hooks/retry.js";
import type { Hook } from "../hooks/settings.js";
import type { MessageStep, SegmentStep } from "../queue/step.js";

const QUEUE = "hook:";

/** One queue for each hook, so that one that hangs holds up no other. */
export function hookSteps(context: KeeperContext): MessageStep[] {
  dropForgotten(context);
  return context.settings.hooks.map((hook) => hookStep(hook, context));
}

/**
 * Puts an event into the queues of the hooks that want it.
 * @returns the names of those queues
 */
export function queueDeliveries({ settings, catalogue, now }: KeeperContext, event: HookEvent): string[] {
  return deliveriesFor(settings.hooks, event).map((delivery) => {
    const step = QUEUE + delivery.hook;
    catalogue.jobs.add(step, JSON.stringify(delivery), now());
    return step;
  });
}

/** The last step of a segment: its hooks are told. */
export function tellStep(context: KeeperContext): SegmentStep {
  const isWanted = context.settings.hooks.some(({ on }) => on.includes("segment:complete"));
  return {
    name: "tell",
    concurrency: 1,
    wants: () => isWanted,
    run: async (segment: Segment) => () => {
      queueDeliveries(context, { event: "segment:complete", segment });
    },
    retryMs: () => 1000,
  };
}

function hookStep(hook: Hook, { settings, tell }: KeeperContext): MessageStep {
  const onOutput = (name: string, lines: readonly string[]) => tell("info", `hook ${name}`, { lines });
  const { dataDir } = settings;
  return {
    name: QUEUE + hook.name,
    concurrency: hook.concurrency,
    async run({ payload }: Job, signal: AbortSignal) {
      const delivery = JSON.parse(payload as string) as Delivery;
      await deliver(hook, delivery, { dataDir, env: process.env, signal, onOutput });
      return undefined;
    },
    retryMs: (error, failures) =>
      error instanceof HookError ? retryDelayMs(hook, error, failures) : undefined,
  };
}

function dropForgotten({ settings, catalogue, tell }: KeeperContext): void {
  const known = new Set(settings.hooks.map(({ name }) => QUEUE + name));
  for (const { step } of catalogue.jobs.lengths()) {
    if (!step.startsWith(QUEUE) || known.has(step)) continue;
    const deliveries = catalogue.jobs.clear(step);
    const hook = step.slice(QUEUE.length);
    tell("warn", "a hook is not configured any more: what waited for it is dropped", { hook, deliveries });
  }
}
