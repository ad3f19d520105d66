/** Time as the recorder needs it. Tests give their own. */
export interface Clock {
  /** Microseconds that never step, from any origin. */
  monotonicUs(): number;
  /** UTC, microseconds since the epoch; may step when somebody sets the clock. */
  wallUs(): number;
}

/** The machine's clocks. */
export const systemClock: Clock = {
  monotonicUs: () => performance.now() * 1000,
  wallUs: () => Date.now() * 1000,
};

// Both system clocks follow NTP's slewing together, so only a step moves them apart by more than this.
const STEP_US = 20_000;

/** Turns monotonic times into UTC, and follows the wall clock when it is set. */
export class WallClock {
  readonly #clock: Clock;
  #offsetUs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offsetUs = clock.wallUs() - clock.monotonicUs();
  }

  /** UTC minus the monotonic clock, in microseconds, as of now. */
  get offsetUs(): number {
    const offset = this.#clock.wallUs() - this.#clock.monotonicUs();
    if (Math.abs(offset - this.#offsetUs) > STEP_US) this.#offsetUs = offset;
    return this.#offsetUs;
  }

  /** UTC in microseconds since the epoch, rounded, of a time that the monotonic clock told. */
  toUtc(monotonicUs: number): number {
    return Math.round(monotonicUs + this.offsetUs);
  }

  /** The monotonic time of a UTC time, as the wall clock stands now. */
  toMonotonic(utcUs: number): number {
    return utcUs - this.toUtc(0);
  }
}
