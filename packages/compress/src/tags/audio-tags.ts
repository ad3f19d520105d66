import type { RecordingMetadata } from "@audio/wav";
import type { CompressedFormat } from "../decode.js";

/** What a compressed recording says about itself. */
export interface AudioTags {
  readonly format: CompressedFormat;
  /** Hz; of Opus always 48000, what was recorded is `metadata.sampleRate`. */
  readonly sampleRate: number;
  readonly channels: number;
  /** 4 … 32; undefined for Opus, which has none. */
  readonly bitsPerSample: number | undefined;
  /** Sample frames at `sampleRate`; undefined if the file does not say, or was cut. */
  readonly samples: number | undefined;
  /** What `compressSegment` wrote; undefined in files of others. */
  readonly metadata: RecordingMetadata | undefined;
}
