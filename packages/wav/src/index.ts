export { WavError, type WavErrorCode } from "./errors.js";
export type { SampleLayout, WavEncoding } from "./fmt.js";
export { formatWavHeader, MAX_WAV_BYTES, type PcmFormat, WAV_HEADER_BYTES } from "./header.js";
export type { LocalTime } from "./local-time.js";
export {
  formatMetadata,
  parseMetadata,
  parseRecord,
  type RecordingTags,
  recordingTags,
} from "./metadata.js";
export { parseWavHeader, type WavHeader } from "./parse.js";
export { PcmReader } from "./reader.js";
export type { MetadataGap, RecordingMetadata } from "./recording.js";
export { planRepair, type RepairPlan } from "./repair.js";
