import type { RecorderListener, StreamInfo } from "../events.js";
import type { GrowingSegment } from "./growing-segment.js";
import type { OpenSegment } from "./open-segment.js";

export interface FinishingSegmentsOptions {
  readonly stream: StreamInfo;
  readonly listener: RecorderListener;
  /** A segment could not be finished. */
  readonly onFailed: (segment: OpenSegment) => void;
  /** There is one less. */
  readonly onFinished: () => void;
}

/** Segments of one stream that take no more audio and are being brought to their final names, in any order. */
export class FinishingSegments {
  readonly #options: FinishingSegmentsOptions;
  readonly #segments = new Set<OpenSegment>();
  /** Those that nobody was told of yet: some are finished, and wait for others before them. */
  readonly #untold = new Set<OpenSegment>();
  #told: Promise<void> = Promise.resolve();

  constructor(options: FinishingSegmentsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#segments.size;
  }

  /**
   * What can be read of segments that nobody was told of yet, in their order.
   * @param open the one behind them, that takes audio
   */
  growing(open: OpenSegment | undefined): GrowingSegment[] {
    const all = open === undefined ? [...this.#untold] : [...this.#untold, open];
    return all.flatMap(({ growing }) => growing ?? []);
  }

  /** Resolves when all are finished, and told in their order. */
  get idle(): Promise<void> {
    return this.#told;
  }

  add(segment: OpenSegment): void {
    const { listener, stream, onFailed, onFinished } = this.#options;
    this.#segments.add(segment);
    this.#untold.add(segment);
    // Caught here: until its turn to be told comes, a failure would be nobody's, which ends the process.
    const finished = segment.finish().catch((error: Error) => {
      onFailed(segment);
      return { stream, path: segment.files.path, error };
    });
    const done = finished.finally(() => {
      this.#segments.delete(segment);
      onFinished();
    });
    this.#told = this.#told.then(async () => {
      const event = await done;
      this.#untold.delete(segment);
      tell(() => ("error" in event ? listener.segmentFailed(event) : listener.segmentComplete(event)));
    });
  }
}

// A listener's mistake is its program's, and must not stop what follows here.
function tell(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}
