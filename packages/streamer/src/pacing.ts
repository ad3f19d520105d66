import type { Clock } from "./clock.js";

/** Streams that are due within one tick share a wake-up: 1000 streams cost 200 wake-ups a second, not 50 000. */
const TICK_MS = 5;

interface Sleeper {
  dueMs: number;
  wake: () => void;
}

/** One timer for any number of streams that each wait for a point of their own schedule. */
export class Pacer {
  private sleepers: Sleeper[] = [];
  private armedMs = Number.POSITIVE_INFINITY;
  private lastTickMs = Number.NEGATIVE_INFINITY;
  private cancel: (() => void) | undefined;

  constructor(private readonly clock: Clock) {}

  /** Resolves at `dueMs` of the monotonic clock or up to 5 ms (one tick) later, never before. */
  until(dueMs: number): Promise<void> {
    return new Promise((wake) => {
      this.sleepers.push({ dueMs, wake });
      this.arm(dueMs);
    });
  }

  /** Stops the timer; whoever waits is not woken any more. */
  close(): void {
    this.cancel?.();
    this.sleepers = [];
  }

  private arm(dueMs: number): void {
    const atMs = Math.max(dueMs, this.lastTickMs + TICK_MS);
    if (atMs >= this.armedMs) return;
    this.cancel?.();
    this.armedMs = atMs;
    // Whole milliseconds, rounded up: Node's timers fire up to 1 ms early on a fraction.
    this.cancel = this.clock.after(Math.max(0, Math.ceil(atMs - this.clock.monotonicMs())), () =>
      this.tick(),
    );
  }

  private tick(): void {
    const nowMs = this.clock.monotonicMs();
    this.armedMs = Number.POSITIVE_INFINITY;
    this.lastTickMs = nowMs;
    const waiting = this.sleepers;
    this.sleepers = [];
    let nextMs = Number.POSITIVE_INFINITY;
    for (const sleeper of waiting) {
      if (sleeper.dueMs <= nowMs) {
        sleeper.wake();
      } else {
        this.sleepers.push(sleeper);
        if (sleeper.dueMs < nextMs) nextMs = sleeper.dueMs;
      }
    }
    if (nextMs < Number.POSITIVE_INFINITY) this.arm(nextMs);
  }
}

/**
 * A stream's absolute schedule: sample frame n is due at `startMs + n / sampleRate`, however late an earlier one
 * was, so a stream of any length does not drift.
 */
export class Schedule {
  constructor(
    private readonly startMs: number,
    private readonly sampleRate: number,
  ) {}

  /** When `sampleFrames` samples per channel have passed, in milliseconds of the monotonic clock. */
  dueMs(sampleFrames: number): number {
    return this.startMs + (sampleFrames * 1000) / this.sampleRate;
  }

  /** How many sample frames have passed at `nowMs`. */
  elapsed(nowMs: number): number {
    return Math.floor(((nowMs - this.startMs) * this.sampleRate) / 1000);
  }
}
