import type { JobTimeout } from "./compress-options.js";
import type { EncoderSettings } from "./encode.js";

/** Which recordings are compressed when, and how. Plain values: they cross threads. */
export interface CompressionSettings extends Required<EncoderSettings> {
  /** Shorter ones stay WAV. */
  readonly minSeconds: number;
  /** After a recording is complete. */
  readonly delaySeconds: number;
  /** Whether the WAV stays beside its verified result. */
  readonly keepOriginal: boolean;
  /** See `CompressionPoolOptions`. */
  readonly cpuShare: number;
  readonly timeout: JobTimeout;
}
