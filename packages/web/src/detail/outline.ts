/** Samples that one pair of an outline stands for. */
export const OUTLINE_SAMPLES = 64;

/** Lowest and highest sample of each 64, one after the other. */
export function outlineOf(samples: Float32Array): Float32Array {
  const pairs = Math.ceil(samples.length / OUTLINE_SAMPLES);
  const outline = new Float32Array(2 * pairs);
  for (let pair = 0; pair < pairs; pair++) {
    const end = Math.min(samples.length, (pair + 1) * OUTLINE_SAMPLES);
    let low = 1;
    let high = -1;
    for (let i = pair * OUTLINE_SAMPLES; i < end; i++) {
      low = Math.min(low, samples[i]);
      high = Math.max(high, samples[i]);
    }
    outline[2 * pair] = low;
    outline[2 * pair + 1] = high;
  }
  return outline;
}

/** Lowest and highest of the samples `[from, to)`, from the outline where it is fine enough, or all that was kept; undefined: none. */
export function extremes(
  samples: Float32Array,
  outline: Float32Array,
  from: number,
  to: number,
): readonly [low: number, high: number] | undefined {
  const isFine = to - from < 2 * OUTLINE_SAMPLES && samples.length > 0;
  const start = Math.max(0, Math.floor(isFine ? from : from / OUTLINE_SAMPLES));
  const most = isFine ? samples.length : outline.length / 2;
  const end = Math.min(most, Math.max(start + 1, Math.ceil(isFine ? to : to / OUTLINE_SAMPLES)));
  let low = 1;
  let high = -1;
  for (let i = start; i < end; i++) {
    low = Math.min(low, isFine ? samples[i] : outline[2 * i]);
    high = Math.max(high, isFine ? samples[i] : outline[2 * i + 1]);
  }
  return start < end ? [low, high] : undefined;
}
