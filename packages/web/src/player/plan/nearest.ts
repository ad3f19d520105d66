import { AROUND_US, type Heard } from "./review.js";

/** Who goes back during the first two seconds of a sound means the one before. */
const REPEAT_US = 2_000_000;

/** Start of the nearest sound that lies before or after a moment. */
export function nearest(sounds: readonly Heard[], us: number, direction: 1 | -1): number | undefined {
  const starts = sounds.map(({ startUs }) => startUs);
  const after = starts.filter((start) => start - AROUND_US > us + 50_000);
  if (direction > 0) return after.length === 0 ? undefined : after.reduce((a, b) => Math.min(a, b));
  const before = starts.filter((start) => start - AROUND_US < us - REPEAT_US);
  return before.length === 0 ? undefined : before.reduce((a, b) => Math.max(a, b));
}
