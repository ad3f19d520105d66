import { WINDOW_US } from "./track.js";

/** What a segment's metadata says of missing audio. */
export interface SegmentGap {
  /** UTC, microseconds since the epoch. */
  readonly startUs: number;
  /** Sample frames. */
  readonly samples: number;
  /** true: silence stands in its place in the file; false: nothing does. */
  readonly filled: boolean;
}

/** Silence in the audio that stands for audio which is missing, in whole sample frames. */
export interface FilledRange {
  /** Counted in the file. */
  readonly start: number;
  readonly samples: number;
}

/** Time that is missing within a file, with nothing in its place. */
export interface Hole {
  /** How much audio the file holds before it, microseconds. */
  readonly afterUs: number;
  /** How long it is, microseconds. */
  readonly lengthUs: number;
}

/** Where a segment's silence and its holes are. */
export interface GapPlaces {
  readonly filled: FilledRange[];
  readonly holes: Hole[];
}

// Metadata that says so is nonsense, and must not move the audio behind it.
const LONGEST_SECONDS = 400 * 86_400;

/**
 * Places a segment's gaps in its file: for `measurePcm`, and for drawing what is behind them where it belongs. Gaps in
 * front of the segment and those that make no sense are left out.
 *
 * @param startUs of the segment, UTC, microseconds since the epoch
 * @param sampleRate Hz
 */
export function placeGaps(startUs: number, sampleRate: number, gaps: readonly SegmentGap[]): GapPlaces {
  const places: GapPlaces = { filled: [], holes: [] };
  let left = 0;
  const within = gaps.filter((gap) => gap.startUs >= startUs && isSensible(gap, sampleRate));
  for (const gap of within.sort((a, b) => a.startUs - b.startUs)) {
    const start = Math.round(((gap.startUs - startUs) * sampleRate) / 1_000_000) - left;
    if (gap.filled) places.filled.push({ start, samples: gap.samples });
    else if (start > 0) {
      const [afterUs, lengthUs] = [start, gap.samples].map((samples) => (samples / sampleRate) * 1_000_000);
      places.holes.push({ afterUs, lengthUs });
      left += gap.samples;
    }
  }
  return places;
}

function isSensible({ samples }: SegmentGap, sampleRate: number): boolean {
  return samples > 0 && samples <= LONGEST_SECONDS * sampleRate;
}

/** Windows of a track that follow one another without a hole. */
export interface Run {
  readonly from: number;
  /** Behind the last one. */
  readonly to: number;
  /** UTC, microseconds since the epoch, of the first one. */
  readonly startUs: number;
}

/** Takes a track of so many windows apart at its holes, which are in order. */
export function runsOf(startUs: number, windows: number, holes: readonly Hole[]): Run[] {
  const runs: Run[] = [];
  let from = 0;
  let missingUs = 0;
  const endAt = (to: number) => {
    if (to > from) runs.push({ from, to, startUs: startUs + missingUs + from * WINDOW_US });
    from = Math.max(from, to);
  };
  for (const { afterUs, lengthUs } of holes) {
    endAt(Math.min(windows, Math.ceil(afterUs / WINDOW_US)));
    missingUs += lengthUs;
  }
  endAt(windows);
  return runs;
}
