import type { GapAccount } from "./gap-account.js";
import type { OpenSegment } from "./open-segment.js";

/** Keeps account of what the failed segments of a stream have lost that nobody keeps elsewhere. */
export class FailedSegments {
  readonly #gaps: GapAccount;
  /** Segments that failed while they took audio, and the sample frame from which on it is dropped since. */
  readonly #dropping = new Map<OpenSegment, number>();

  constructor(gaps: GapAccount) {
    this.#gaps = gaps;
  }

  /** The segment failed while it took audio: what follows is dropped until the disk is well again. */
  beginDrop(segment: OpenSegment): void {
    const from = segment.writtenIndex;
    this.#dropping.set(segment, from);
    this.#gaps.beginDrop(from);
  }

  /** Nothing of the segment is on its way any more: what the operating system has not taken is lost. */
  finished(segment: OpenSegment): void {
    const dropping = this.#dropping.get(segment);
    this.#dropping.delete(segment);
    const from = segment.writtenIndex;
    const until = segment.startIndex + segment.samples;
    if (dropping !== undefined) this.#gaps.correctDrop(dropping, from);
    else if (until > from) this.#gaps.missing(from, until - from, "disk-full", false);
  }
}
