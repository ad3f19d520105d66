/** Time as the streamer sees it; injected so that tests need not wait. */
export interface Clock {
  /** Unix time in milliseconds. */
  epochMs(): number;
  /** Milliseconds from an arbitrary zero, never set back. */
  monotonicMs(): number;
  /** Calls `callback` once after `delayMs`; the returned function cancels that. */
  after(delayMs: number, callback: () => void): () => void;
}

/** The machine's clocks and timers. */
export const systemClock: Clock = {
  epochMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
