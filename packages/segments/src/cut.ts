/** How a stream is cut into segments. */
export interface CutRule {
  /** Hz */
  readonly sampleRate: number;
  /** Channels times bytes per sample. */
  readonly bytesPerSampleFrame: number;
  /** Nominal length; fractions are allowed. */
  readonly segmentSeconds: number;
  /** `start`: every segment has the nominal length. `clock`: cuts fall on round local times. */
  readonly align: "start" | "clock";
}

// RIFF sizes are 32 bits; the header (44 bytes) and metadata behind the audio (kept under 1 MiB) count too.
const MAX_AUDIO_BYTES = 0xffff_ffff - 44 - 1_048_576;

// A clock cut nearer than this would make a crumb of a file: the segment goes on to the next one.
const SHORTEST_CLOCK_SEGMENT_US = 1_000_000;

/**
 * Length in sample frames (at least 1) of the segment that begins at `startUs`: by its rule, and never so
 * long that the file would pass 4 GiB.
 * @param startUs UTC, microseconds since the epoch
 * @param utcOffsetUs local minus UTC, for `align: "clock"`
 */
export function segmentSampleFrames(rule: CutRule, startUs: number, utcOffsetUs: number): number {
  const wanted = rule.align === "clock" ? untilRoundTime(rule, startUs + utcOffsetUs) : nominal(rule);
  return Math.min(Math.max(1, wanted), Math.floor(MAX_AUDIO_BYTES / rule.bytesPerSampleFrame));
}

function nominal(rule: CutRule): number {
  return Math.round(rule.segmentSeconds * rule.sampleRate);
}

// Rounded up: a start one microsecond before 12:00:10 would be called 12:00:09.
function untilRoundTime(rule: CutRule, localUs: number): number {
  return Math.ceil((untilRoundTimeUs(rule, localUs) * rule.sampleRate) / 1_000_000);
}

function untilRoundTimeUs(rule: CutRule, localUs: number): number {
  const period = rule.segmentSeconds * 1_000_000;
  const left = period - (localUs - Math.floor(localUs / period) * period);
  return left < Math.min(SHORTEST_CLOCK_SEGMENT_US, period / 10) ? left + period : left;
}
