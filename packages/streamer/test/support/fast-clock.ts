import type { Clock } from "../../src/clock.js";

/** A clock that runs so many times as fast as the machine's: a wait of half a minute takes part of a second. */
export function fastClock(factor: number): Clock {
  return {
    epochMs: () => Date.now(),
    monotonicMs: () => performance.now() * factor,
    after(delayMs, callback) {
      const timer = setTimeout(callback, delayMs / factor);
      return () => clearTimeout(timer);
    },
  };
}
