import { setTimeout as sleep } from "node:timers/promises";

/** Shares one rate among all transfers that take from it. */
export interface Bandwidth {
  /** Bytes that a transfer should take at a time, so that others get their turn. */
  readonly chunkBytes: number;
  /**
   * Resolves when `bytes` may be sent; transfers get their turns in the order in which they ask.
   * @throws the signal's reason
   */
  take(bytes: number, signal?: AbortSignal): Promise<void>;
}

const LARGEST_CHUNK_BYTES = 64 * 1024;
const SMALLEST_CHUNK_BYTES = 1024;
// A pause is made up for afterwards, but not more than this: the limit holds over any second, about.
const BURST_MS = 250;

/** @param bytesPerSecond 0 = no limit */
export function limitBandwidth(bytesPerSecond: number): Bandwidth {
  if (bytesPerSecond === 0) {
    return { chunkBytes: LARGEST_CHUNK_BYTES, take: async (_bytes, signal) => signal?.throwIfAborted() };
  }
  let freeAtMs = performance.now();
  const chunk = Math.floor(bytesPerSecond / 8);
  return {
    chunkBytes: Math.min(Math.max(chunk, SMALLEST_CHUNK_BYTES), LARGEST_CHUNK_BYTES),
    take: async (bytes, signal) => {
      signal?.throwIfAborted();
      const now = performance.now();
      freeAtMs = Math.max(freeAtMs, now - BURST_MS);
      const waitMs = freeAtMs - now;
      freeAtMs += (bytes / bytesPerSecond) * 1000;
      if (waitMs > 0) await sleep(waitMs, undefined, { signal });
    },
  };
}
