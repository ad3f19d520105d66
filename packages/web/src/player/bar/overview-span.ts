import type { Span } from "../plan/windows.js";

const HOUR_US = 3_600_000_000;

/**
 * What the overview shows: the range or review that plays, and else the hour that the playhead is in, whose picture
 * stays the same while it is played.
 */
export function overviewSpan(us: number, extent: Span | undefined): Span {
  if (extent !== undefined) return extent;
  const fromUs = Math.floor(us / HOUR_US) * HOUR_US;
  return { fromUs, toUs: fromUs + HOUR_US };
}

/** Heights of the columns, 0 … 1, of bytes of loudness; 0 where nothing was recorded. */
export function heightsOf(peaks: readonly Uint8Array[]): Float32Array {
  const heights = new Float32Array(peaks[0]?.length ?? 0);
  for (const peak of peaks)
    for (let i = 0; i < heights.length; i++) heights[i] = Math.max(heights[i], heightOf(peak[i]));
  return heights;
}

// From −72 dBFS, where the scale of loudness begins, to 0; what was recorded is never nothing.
function heightOf(byte: number): number {
  return byte === 255 ? 0 : Math.min(1, Math.max(0.04, (byte / 2 - 48) / 72));
}
