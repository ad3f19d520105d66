import { setImmediate, setTimeout as sleep } from "node:timers/promises";

const YIELD_EVERY = 64;

/** Keeps work on many files from taking the disk and the thread from those that record. */
export class Pace {
  readonly #filesPerSecond: number;
  readonly #signal: AbortSignal | undefined;
  #sinceMs = performance.now();
  #files = 0;

  /** @param filesPerSecond at most so many, on the whole */
  constructor(filesPerSecond = Number.POSITIVE_INFINITY, signal?: AbortSignal) {
    this.#filesPerSecond = filesPerSecond;
    this.#signal = signal;
  }

  /**
   * Comes before the work on a file.
   * @throws the signal's reason, once it is aborted
   */
  async next(): Promise<void> {
    if (++this.#files < YIELD_EVERY) return;
    this.#signal?.throwIfAborted();
    const dueMs = (this.#files * 1000) / this.#filesPerSecond - (performance.now() - this.#sinceMs);
    if (dueMs >= 1) await sleep(dueMs, undefined, { signal: this.#signal });
    else await setImmediate();
    this.#files = 0;
    this.#sinceMs = performance.now();
  }
}
