// One grid of sample frames for all time: index 0 lies at 1970, so that any two ranges of a device agree where a
// sample is, and what is cut at a time ends exactly where the rest begins.

const SECOND_US = 1_000_000;

/** Sample frame nearest to a time, exact also where µs × Hz passes 2⁵³. */
export function gridIndex(us: number, sampleRate: number): number {
  const seconds = Math.floor(us / SECOND_US);
  return seconds * sampleRate + Math.round(((us - seconds * SECOND_US) * sampleRate) / SECOND_US);
}

/** UTC in µs of a sample frame. */
export function gridTimeUs(index: number, sampleRate: number): number {
  const seconds = Math.floor(index / sampleRate);
  return seconds * SECOND_US + Math.round(((index - seconds * sampleRate) * SECOND_US) / sampleRate);
}
