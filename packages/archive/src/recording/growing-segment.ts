import type { SegmentLevels } from "@audio/levels";
import type { Gap } from "@audio/segments";

/** A segment that is not complete, as far as it can be read. */
export interface GrowingSegment {
  /** The name it will have; until then `.part` is added. */
  readonly path: string;
  /** UTC, microseconds since the epoch, of the first sample frame. */
  readonly startUs: number;
  /** Sample frames that are in the file: up to a second less than were received. */
  readonly samples: number;
  readonly gaps: readonly Gap[];
  /** Measures what is in the file. */
  readonly levels: () => SegmentLevels;
}
