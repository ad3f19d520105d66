import type { KeeperContext } from "../context.js";
import { deliveriesFor } from "../hooks/deliveries.js";
import type { HookEvent } from "../hooks/event.js";

/** What the name of a hook's queue begins with. */
export const QUEUE = "hook:";

// 1.5 kB each: an outage without end costs 150 MB of disk for each hook.
const MOST_WAITING = 100_000;
// To count 100 000 takes 5 ms, which is too long to do for every event.
const COUNT_EVERY = 1000;

/** The queues of all hooks: durable, and bounded. */
export class HookQueues {
  readonly #context: KeeperContext;
  /** Deliveries that a queue certainly still takes. */
  readonly #room = new Map<string, number>();
  readonly #full = new Set<string>();

  constructor(context: KeeperContext) {
    this.#context = context;
  }

  /**
   * Puts an event into the queues of the hooks that want it.
   * @returns the names of those queues
   */
  add(event: HookEvent): string[] {
    const { settings, catalogue, now } = this.#context;
    const steps: string[] = [];
    for (const delivery of deliveriesFor(settings.hooks, event)) {
      const step = QUEUE + delivery.hook;
      if (!this.#takes(step)) continue;
      catalogue.jobs.add(step, JSON.stringify(delivery), now());
      steps.push(step);
    }
    return steps;
  }

  #takes(step: string): boolean {
    const room = this.#room.get(step) || this.#count(step);
    this.#room.set(step, Math.max(0, room - 1));
    return room > 0;
  }

  #count(step: string): number {
    const { catalogue, tell } = this.#context;
    const waiting = catalogue.jobs.waiting(step);
    const hook = step.slice(QUEUE.length);
    const isFull = waiting >= MOST_WAITING;
    if (isFull && !this.#full.has(step))
      tell("error", "a hook's queue is full: events are dropped", { hook, waiting });
    if (isFull) this.#full.add(step);
    else this.#full.delete(step);
    return Math.min(COUNT_EVERY, MOST_WAITING - waiting);
  }
}
