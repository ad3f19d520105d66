// IEEE 754 samples to 16 bits: ±1.0 is ±32 768, rounded to the nearest, clamped to −32 768 … 32 767. NaN fails
// both comparisons and is stored as 0, which is what an Int16Array makes of it.
import type { SampleConverter } from "./linear.js";
import { viewOf } from "./riff.js";

const FULL_SCALE = 32_768;
const MAX = 32_767;
const MIN = -32_768;

export const convertFloat32: SampleConverter = (bytes, start, end, out, outStart) => {
  const view = viewOf(bytes);
  for (let i = start, o = outStart; i < end; i += 4, o++) {
    const sample = view.getFloat32(i, true) * FULL_SCALE;
    out[o] = sample >= MAX ? MAX : sample <= MIN ? MIN : Math.round(sample);
  }
};

export const convertFloat64: SampleConverter = (bytes, start, end, out, outStart) => {
  const view = viewOf(bytes);
  for (let i = start, o = outStart; i < end; i += 8, o++) {
    const sample = view.getFloat64(i, true) * FULL_SCALE;
    out[o] = sample >= MAX ? MAX : sample <= MIN ? MIN : Math.round(sample);
  }
};
