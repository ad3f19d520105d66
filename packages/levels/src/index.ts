export { SILENCE_DBFS, toAmplitude, toDbfs } from "./decibel.js";
export { toAmplitudes, waveform, zoom } from "./envelope.js";
export { LevelsError, type LevelsErrorCode } from "./errors.js";
export { type FilledRange, type GapPlaces, type Hole, placeGaps, type SegmentGap } from "./gaps.js";
export { type Envelope, type Lane, LevelGrid, type Stretch, type WaveformRange } from "./level-grid.js";
export {
  type LevelSummary,
  type Levels,
  type PcmShape,
  type SecondLevel,
  type SegmentLevels,
  summarize,
} from "./levels.js";
export { measurePcm } from "./measure.js";
export { LevelMeter } from "./meter.js";
export { detectSoundEvents, type SoundEvent, type SoundEventsFound } from "./sounds/detect.js";
export { DEFAULT_SOUND_EVENT_OPTIONS, SOUND_EVENT_RANGES, type SoundEventOptions } from "./sounds/options.js";
export {
  type BackgroundState,
  type OpenSound,
  parseSoundEventState,
  type SoundEventState,
} from "./sounds/state.js";
export { readTrack, type TrackLevels } from "./track.js";
