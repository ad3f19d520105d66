import { type LevelSummary, placeGaps, type SegmentLevels } from "@audio/levels";
import type { Gap } from "@audio/segments";
import type { Source } from "../events.js";

/** Forms in which a segment may exist: audio as WAV, FLAC or Opus, and the frames as received. */
export const FORMS = ["wav", "flac", "opus", "bin"] as const;
/** What a file of a segment is: its extension. */
export type Form = (typeof FORMS)[number];

/** What is known of a segment, whichever forms it exists in. */
export interface SegmentFacts {
  /** Path below the data directory without extension, with `/`: one segment, whatever its forms. */
  readonly stem: string;
  /** Undefined when the file does not say. */
  readonly source: Source | undefined;
  readonly device: string | undefined;
  /** The sender's number for the stream, 0 … 2³²−1; 0 for raw PCM. */
  readonly streamId: number;
  /** Hz */
  readonly sampleRate: number;
  readonly channels: number;
  readonly bitsPerSample: number;
  /** UTC, microseconds since the epoch, of the first sample frame. */
  readonly startUs: number;
  /** Sample frames. */
  readonly samples: number;
  readonly gaps: readonly Gap[];
  /** Undefined until measured. */
  readonly levels: SegmentLevels | undefined;
}

/** One form of a segment, where it is. */
export interface SegmentForm {
  readonly form: Form;
  /** Size of the file or object. */
  readonly bytes: number;
  /** Whether the file is below the data directory, at `stem.form`. */
  readonly local: boolean;
  readonly remote: RemoteCopy | undefined;
}

/** An object in a store. */
export interface RemoteCopy {
  readonly bucket: string;
  readonly key: string;
  /**
   * UTC, microseconds since the epoch: when its content was last compared with the file. Undefined: it was found in the
   * store and compared with nothing, so no file goes because of it.
   */
  readonly verifiedUs: number | undefined;
}

/** A segment in the catalogue. */
export interface Segment extends Omit<SegmentFacts, "levels"> {
  /** Undefined until measured; for the track see `tracks`. */
  readonly levels: LevelSummary | undefined;
  /** Never given again to another segment of the same catalogue. */
  readonly id: number;
  /** UTC, microseconds since the epoch, behind the last sample frame. */
  readonly endUs: number;
  readonly forms: readonly SegmentForm[];
}

/** UTC, microseconds since the epoch, behind the last sample frame: what the file leaves out lies in its time all the same. */
export function segmentEndUs({
  startUs,
  samples,
  sampleRate,
  gaps,
}: Pick<SegmentFacts, "startUs" | "samples" | "sampleRate" | "gaps">): number {
  const { holes } = placeGaps(startUs, sampleRate, gaps);
  const missingUs = holes.reduce((sum, { lengthUs }) => sum + lengthUs, 0);
  return Math.round(startUs + (samples * 1_000_000) / sampleRate + missingUs);
}
