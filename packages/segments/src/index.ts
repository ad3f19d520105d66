export { type CutRule, segmentSampleFrames } from "./cut.js";
export { SegmentsError, type SegmentsErrorCode } from "./errors.js";
export { GAP_CAUSES, type Gap, type GapCause } from "./gap.js";
export { type LocalTime, TimeZone } from "./local-time.js";
export { type NamedTime, type PathParts, type PathReader, templateReader } from "./path-reading.js";
export {
  compileTemplate,
  DEFAULT_TEMPLATES,
  numberedStem,
  type PathFields,
  type PathTemplate,
} from "./path-template.js";
export { Timeline, type TimelineOptions } from "./timeline.js";
