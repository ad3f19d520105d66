import type { DiskHookEvent } from "./hooks/event.js";
import type { Tell } from "./note.js";
import type { RetentionStatus } from "./retention/retention.js";

export interface LowDiskOptions {
  readonly status: () => Pick<RetentionStatus, "isLimiting" | "freeBytes" | "hoursLeft">;
  readonly hook: (event: DiskHookEvent) => void;
  readonly tell: Tell;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Time for somebody to come by. */
const WARN_HOURS = 24;
/** So much must be left again before it warns once more: a rate that wavers is no news. */
const CALM_HOURS = 36;
const LOOK_MS = 30_000;

/**
 * Warns a day before the disk is full at the rate of the last minutes, once, in the log and by hook. Where retention
 * deletes, the disk does not fill: then there is nothing to warn of.
 */
export class LowDiskWatch {
  readonly #options: LowDiskOptions;
  #timer: NodeJS.Timeout | undefined;
  #hasWarned = false;

  constructor(options: LowDiskOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Looks now. */
  look(): void {
    const { isLimiting, freeBytes, hoursLeft = Number.POSITIVE_INFINITY } = this.#options.status();
    if (hoursLeft > CALM_HOURS) this.#hasWarned = false;
    if (isLimiting || hoursLeft > WARN_HOURS || this.#hasWarned) return;
    this.#hasWarned = true;
    const { tell, hook, now } = this.#options;
    const left = Math.round(hoursLeft * 10) / 10;
    const detail = `the disk is full in ${left} hours at the present rate: make room, or let old recordings go (docs/retention.md)`;
    tell("warn", detail, { freeBytes, hoursLeft: left });
    const trouble = "disk-filling";
    hook({ event: "disk:low", atUs: now() * 1000, trouble, detail, freeBytes, hoursLeft: left });
  }
}
