import type { Job, Segment } from "@audio/archive";

/** Writes to the catalogue what has been done; synchronous. */
export type Commit = () => void;

/** One kind of work that is done once for each segment that wants it. */
export interface SegmentStep {
  /** Names its queue. */
  readonly name: string;
  /** Segments at once. */
  readonly concurrency: number;
  /** Whether there is something to do, as the catalogue stands now. */
  wants(segment: Segment): boolean;
  /** How long a new segment waits for it: milliseconds. */
  readonly delayMs?: number;
  /**
   * Does it. Done a second time, also after a crash anywhere within, it must do no harm. What the commit writes and
   * the end of the job are one transaction.
   */
  run(segment: Segment, signal: AbortSignal): Promise<Commit | undefined>;
  /** When to try again after the n-th failure: milliseconds; undefined = never by itself. */
  retryMs(error: unknown, attempts: number): number | undefined;
  /** Whether every other segment would fail in the same way: the whole queue then waits. */
  isCommon?(error: unknown): boolean;
  /** Whether the failure says nothing of the segment, however often it comes: it does not count as an attempt. */
  isUncounted?(error: unknown): boolean;
  /** Whether the steps behind it go on when it has failed for the first time (default: when it is given up). */
  readonly yields?: boolean;
}

/** Work that is about no segment: a queue with a payload. */
export interface MessageStep {
  readonly name: string;
  readonly concurrency: number;
  run(job: Job, signal: AbortSignal): Promise<Commit | undefined>;
  isCommon?(error: unknown): boolean;
  retryMs(error: unknown, attempts: number): number | undefined;
}
