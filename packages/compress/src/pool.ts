import { availableParallelism } from "node:os";
import PQueue from "p-queue";
import type { CompressedSegment, CompressOptions } from "./compress-options.js";
import { compressSegment } from "./compress-segment.js";
import { checkWhole } from "./decode.js";
import { CompressError } from "./errors.js";

/** How much of the machine compression may take. */
export interface CompressionPoolOptions {
  /** Part of the cores, 0 … 1, default 0.5: so many files at once, at least one. Each takes one core, at low priority. */
  readonly cpuShare?: number;
  /** Files that may wait; default 1000. */
  readonly maxWaiting?: number;
}

/** What a pool has done since it was made; sums of the files that were compressed. */
export interface CompressionTotals {
  readonly compressed: number;
  /** Files that stayed as they were; those whose signal came are in neither. */
  readonly failed: number;
  readonly running: number;
  readonly waiting: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** `bytesAfter` per hundred of `bytesBefore`; 100 before the first file. */
  readonly percent: number;
  readonly audioSeconds: number;
  /** Of all files one after the other. */
  readonly wallSeconds: number;
  /** Seconds of audio per second of work on one core; 0 before the first file. */
  readonly timesRealTime: number;
}

/** Compresses a few files at a time, and counts. */
export class CompressionPool {
  readonly #queue: PQueue;
  readonly #maxWaiting: number;
  readonly #sums = {
    compressed: 0,
    failed: 0,
    bytesBefore: 0,
    bytesAfter: 0,
    audioSeconds: 0,
    wallSeconds: 0,
  };

  /** @throws RangeError for options out of their ranges */
  constructor({ cpuShare = 0.5, maxWaiting = 1000 }: CompressionPoolOptions = {}) {
    if (!(cpuShare >= 0 && cpuShare <= 1)) throw new RangeError(`cpuShare is ${cpuShare}, allowed is 0 … 1`);
    checkWhole("maxWaiting", maxWaiting, 0, 1e6);
    const concurrency = Math.max(1, Math.floor(availableParallelism() * cpuShare));
    this.#queue = new PQueue({ concurrency });
    this.#maxWaiting = maxWaiting;
  }

  /** Files that are compressed at once. */
  get concurrency(): number {
    return this.#queue.concurrency;
  }

  /**
   * {@link compressSegment} as soon as there is a core for it, in the order of the calls.
   * @throws CompressError `queue-full`, and what `compressSegment` throws
   */
  async compress(options: CompressOptions): Promise<CompressedSegment> {
    const { pending, size, concurrency } = this.#queue;
    if (pending >= concurrency && size >= this.#maxWaiting) {
      throw new CompressError(
        "queue-full",
        `${size} files wait for compression, the limit is ${this.#maxWaiting}`,
      );
    }
    return this.#queue.add(() => this.#compress(options), { signal: options.signal });
  }

  /** The totals as of now. */
  get totals(): CompressionTotals {
    const { bytesBefore, bytesAfter, audioSeconds, wallSeconds } = this.#sums;
    return {
      ...this.#sums,
      running: this.#queue.pending,
      waiting: this.#queue.size,
      percent: bytesBefore === 0 ? 100 : (bytesAfter / bytesBefore) * 100,
      timesRealTime: wallSeconds === 0 ? 0 : audioSeconds / wallSeconds,
    };
  }

  async #compress(options: CompressOptions): Promise<CompressedSegment> {
    try {
      const done = await compressSegment(options);
      this.#count(done);
      return done;
    } catch (error) {
      if (!options.signal?.aborted) this.#sums.failed++;
      throw error;
    }
  }

  #count({ bytesBefore, bytesAfter, audioSeconds, wallSeconds }: CompressedSegment): void {
    this.#sums.compressed++;
    this.#sums.bytesBefore += bytesBefore;
    this.#sums.bytesAfter += bytesAfter;
    this.#sums.audioSeconds += audioSeconds;
    this.#sums.wallSeconds += wallSeconds;
  }
}
