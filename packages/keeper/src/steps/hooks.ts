import type { Job, Segment } from "@audio/archive";
import type { KeeperContext } from "../context.js";
import { HookError } from "../errors.js";
import { deliver } from "../hooks/deliver.js";
import type { Delivery } from "../hooks/deliveries.js";
import { isOutage, retryDelayMs } from "../hooks/retry.js";
import type { Hook } from "../hooks/settings.js";
import type { MessageStep, SegmentStep } from "../queue/step.js";
import { type HookQueues, QUEUE } from "./hook-queues.js";

/** One queue for each hook, so that one that hangs holds up no other. */
export function hookSteps(context: KeeperContext): MessageStep[] {
  dropForgotten(context);
  return context.settings.hooks.map((hook) => hookStep(hook, context));
}

/** The last step of a segment: its hooks are told. */
export function tellStep({ settings }: KeeperContext, queues: HookQueues): SegmentStep {
  const isWanted = settings.hooks.some(({ on }) => on.includes("segment:complete"));
  return {
    name: "tell",
    concurrency: 1,
    wants: () => isWanted,
    run: async (segment: Segment) => () => {
      queues.add({ event: "segment:complete", segment });
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
    async run({ payload, attempts }: Job, signal: AbortSignal) {
      const delivery = JSON.parse(payload as string) as Delivery;
      try {
        await deliver(hook, delivery, { dataDir, env: process.env, signal, onOutput });
      } catch (error) {
        if (!isInVain(hook, error, attempts + 1)) throw error;
        const { id } = delivery;
        tell("error", `${(error as Error).message}: given up`, { delivery: id, attempts: attempts + 1 });
      }
      return undefined; // one that was given up goes too: nobody would ask for it
    },
    isCommon: (error) => error instanceof HookError && isOutage(error),
    retryMs: (error, failures) =>
      error instanceof HookError ? retryDelayMs(hook, error, failures) : undefined,
  };
}

function isInVain(hook: Hook, error: unknown, failures: number): boolean {
  if (!(error instanceof HookError) || isOutage(error)) return false;
  return retryDelayMs(hook, error, failures) === undefined;
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
