import type { Segment } from "../catalogue/segment.js";
import { gridIndex } from "./grid.js";

/** Samples of a segment that follow one another without anything missing between them. */
export interface Stretch {
  readonly segment: Segment;
  /** First sample frame, counted in the file. */
  readonly from: number;
  readonly samples: number;
  /** Grid index of the first one. */
  readonly start: number;
  /** What is missing in front of it is known to be missing, and no disagreement of clocks. */
  readonly afterGap: boolean;
}

// No gap inside a file is longer: metadata that says so is nonsense, and must not move the audio behind it.
const LONGEST_GAP_SECONDS = 400 * 86_400;

/**
 * A segment, taken apart where audio was left out of its file (`filled: false`). A gap lies where its `startUs` says,
 * which is exact unless the clock was re-fitted at the segment's start: then it is as far off as the re-fit.
 */
export function stretchesOf(segment: Segment): Stretch[] {
  const { sampleRate, samples, startUs } = segment;
  const begin = gridIndex(startUs, sampleRate);
  const stretches: Stretch[] = [];
  let from = 0;
  let missing = 0;
  const endAt = (at: number) => {
    if (at <= from) return;
    const afterGap = from > 0 || beginsAfterGap(segment);
    stretches.push({ segment, from, samples: at - from, start: begin + missing + from, afterGap });
    from = at;
  };
  for (const gap of gapsWithin(segment)) {
    endAt(Math.min(samples, gridIndex(gap.startUs, sampleRate) - begin - missing));
    missing += gap.samples;
  }
  endAt(samples);
  return stretches;
}

function gapsWithin({ gaps, startUs, sampleRate }: Segment): Segment["gaps"] {
  const longest = LONGEST_GAP_SECONDS * sampleRate;
  const begin = gridIndex(startUs, sampleRate);
  const within = gaps.filter(
    (gap) => !gap.filled && gridIndex(gap.startUs, sampleRate) > begin && gap.samples <= longest,
  );
  return within.sort((a, b) => a.startUs - b.startUs);
}

// A gap in front of the first sample stands with the segment that follows it.
function beginsAfterGap({ gaps, startUs }: Segment): boolean {
  return gaps.some((gap) => !gap.filled && gap.startUs < startUs);
}

/** UTC in µs behind the last sample, what is missing within the segment counted too. */
export function extentEndUs(segment: Segment): number {
  const missing = gapsWithin(segment).reduce((sum, gap) => sum + gap.samples, 0);
  return segment.startUs + ((segment.samples + missing) / segment.sampleRate) * 1_000_000;
}
