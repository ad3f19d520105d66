// Linear PCM to 16 bits. Wider samples lose their low bits by an arithmetic shift (rounding towards −∞), with
// no dither and no rounding: the result is the upper 16 bits of what was recorded, the same on every run, as
// ffmpeg converts too. Assigning to an Int16Array keeps the low 16 bits, which sign-extends the upper byte.

/**
 * Converts the samples in `bytes[start, end)` into `out[outStart…]`. `end - start` is a whole number of samples.
 */
export type SampleConverter = (
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Int16Array,
  outStart: number,
) => void;

/** 8 bits are unsigned in WAV: 128 is silence. */
export const convertUnsigned8: SampleConverter = (bytes, start, end, out, outStart) => {
  for (let i = start, o = outStart; i < end; i++, o++) out[o] = (bytes[i] - 128) << 8;
};

export const convertSigned16: SampleConverter = (bytes, start, end, out, outStart) => {
  for (let i = start, o = outStart; i < end; i += 2, o++) out[o] = bytes[i] | (bytes[i + 1] << 8);
};

export const convertSigned24: SampleConverter = (bytes, start, end, out, outStart) => {
  for (let i = start, o = outStart; i < end; i += 3, o++) out[o] = bytes[i + 1] | (bytes[i + 2] << 8);
};

export const convertSigned32: SampleConverter = (bytes, start, end, out, outStart) => {
  for (let i = start, o = outStart; i < end; i += 4, o++) out[o] = bytes[i + 2] | (bytes[i + 3] << 8);
};
