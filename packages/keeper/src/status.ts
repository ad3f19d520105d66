import type { Catalogue, FormUsage, QueueLength } from "@audio/archive";
import type { Runner } from "./queue/runner.js";

/** How the work after the segments stands. Plain values, to be shown, counted or sent. */
export interface KeeperStatus {
  /** One for each step that is in use or has work left, by name: `measure`, `compress`, `upload`, `tell`, `hook:NAME`. */
  readonly queues: readonly QueueStatus[];
  readonly catalogue: {
    readonly usage: readonly FormUsage[];
  };
}

export interface QueueStatus extends QueueLength {
  /** Being done now. */
  readonly running: number;
  /** The whole queue waits for a reason that is none of its jobs': a wrong secret, an outage. */
  readonly isWaiting: boolean;
}

/** Gathers it. */
export function statusOf({ jobs, devices }: Catalogue, runners: ReadonlyMap<string, Runner>): KeeperStatus {
  const lengths = new Map(jobs.lengths().map((length) => [length.step, length]));
  const steps = [...new Set([...runners.keys(), ...lengths.keys()])];
  const queues = steps.map((step) => ({
    ...(lengths.get(step) ?? { step, waiting: 0, oldestMs: null, givenUp: 0, failing: 0 }),
    running: runners.get(step)?.running ?? 0,
    isWaiting: runners.get(step)?.isWaiting ?? false,
  }));
  return { queues, catalogue: { usage: devices.usage() } };
}
