import { clockOf } from "../../parts/zoned.js";
import type { Span } from "../plan/windows.js";

const MINUTE_US = 60_000_000;
const HOUR_US = 60 * MINUTE_US;

/**
 * What the overview shows: the range or review that plays, and else the hour of the clock that the playhead is in, whose
 * picture stays the same while it is played.
 */
export function overviewSpan(us: number, extent: Span | undefined, zone: string): Span {
  if (extent !== undefined) return extent;
  const [, minute] = clockOf(us, zone, "minute").split(":");
  const fromUs = (Math.floor(us / MINUTE_US) - Number(minute)) * MINUTE_US;
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
