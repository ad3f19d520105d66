import type { Segment } from "../catalogue/segment.js";
import { type Stretch, stretchesOf } from "./stretch.js";

/**
 * How far a segment's start may lie from the end of the one before without anything missing or doubled between them.
 * Starts follow the server's clock by re-fits at segment boundaries, and stay within 1 s of it.
 */
export const JOIN_TOLERANCE_US = 1_000_000;

/** A stretch in its place behind the others. */
export interface TapeEntry {
  readonly stretch: Stretch;
  /** Sample frames missing in front of it, from `stretch.start − gap` on; 0: it joins, whatever the clocks say. */
  readonly gap: number;
}

/** A device's audio in a row. */
export interface Tape {
  readonly entries: readonly TapeEntry[];
  /** Grid index behind the last sample. */
  readonly end: number;
  /** Sample frames left out because others of the same stream lie at the same time. */
  readonly hidden: number;
}

/**
 * Puts segments of one format in a row, by their start: every sample once. What lies at the same time as an earlier
 * one (a clock that was set back, a file sent twice) is left out, up to where the earlier one ends.
 */
export function tapeOf(segments: readonly Segment[]): Tape {
  const stretches = segments.flatMap(stretchesOf).sort(byTime);
  const entries: TapeEntry[] = [];
  let end = 0;
  let hidden = 0;
  for (const next of stretches) {
    const before = entries.at(-1)?.stretch;
    const gap = before === undefined ? 0 : gapBefore(next, end, before);
    const skipped = gap < 0 ? Math.min(-gap, next.samples) : 0;
    hidden += skipped;
    if (skipped === next.samples) continue;
    const stretch = skipped > 0 ? withoutBeginning(next, skipped) : next;
    entries.push({ stretch, gap: Math.max(0, gap) });
    end = stretch.start + stretch.samples;
  }
  return { entries, end, hidden };
}

function byTime(a: Stretch, b: Stretch): number {
  return a.start - b.start || (a.segment.stem < b.segment.stem ? -1 : 1) || a.from - b.from;
}

// Positive: missing. Negative: so much of `next` lies at the same time as what is there.
function gapBefore(next: Stretch, end: number, before: Stretch): number {
  const hole = next.start - end;
  if (next.afterGap && hole > 0) return hole;
  const tolerance = (JOIN_TOLERANCE_US / 1_000_000) * next.segment.sampleRate;
  if (hole > tolerance) return hole;
  // A re-fit is small against the segment that it follows: what goes back further is a copy, not a neighbour.
  return hole < -Math.min(tolerance, before.samples / 2) ? hole : 0;
}

function withoutBeginning(stretch: Stretch, samples: number): Stretch {
  return {
    ...stretch,
    from: stretch.from + samples,
    start: stretch.start + samples,
    samples: stretch.samples - samples,
  };
}
