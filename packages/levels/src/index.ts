export { SILENCE_DBFS, toAmplitude, toDbfs } from "./decibel.js";
export { type Envelope, type Stretch, toAmplitudes, type WaveformRange, waveform, zoom } from "./envelope.js";
export { LevelsError, type LevelsErrorCode } from "./errors.js";
export { type LevelSummary, type Levels, type PcmShape, type SegmentLevels, summarize } from "./levels.js";
export { type FilledRange, measurePcm } from "./measure.js";
export { LevelMeter } from "./meter.js";
export { readTrack, type TrackLevels } from "./track.js";
