import type { Clock } from "../../src/clock.js";

/** A clock that stands until the test moves it. */
export class FakeClock implements Clock {
  private nowMs = 0;
  private timers: { atMs: number; callback: () => void }[] = [];
  /** How often a timer was set. */
  armed = 0;

  epochMs(): number {
    return 1_700_000_000_000 + this.nowMs;
  }

  monotonicMs(): number {
    return this.nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.nowMs + delayMs, callback };
    this.timers.push(timer);
    this.armed++;
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** Moves on to `toMs`, firing every timer on the way at its time. */
  async advance(toMs: number): Promise<void> {
    for (;;) {
      const next = this.timers.filter(({ atMs }) => atMs <= toMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.timers = this.timers.filter((timer) => timer !== next);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.callback();
      // Whoever was woken may set the next timer.
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    }
    this.nowMs = toMs;
  }

  get timersSet(): number {
    return this.timers.length;
  }
}
