// Signals and comparisons that the tests share.
import fc from "fast-check";

/** Deterministic noise in [-1, 1) (Numerical Recipes' LCG). */
export function noise(length: number, seed = 1): Float64Array {
  let state = seed >>> 0;
  return Float64Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** Noise that passes full scale now and then, with silence, full scale and tiny values in it. */
export function hardSignal(length: number): Float64Array {
  const signal = noise(length).map((x, i) => (i % 50 === 0 ? 0 : x * 1.2));
  signal.set([1, -1, 1 / 65536, -1 / 65536, 0.999999, -0.999999], 0);
  return signal;
}

export function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Reads s16le bytes of any alignment. */
export function samplesOf(bytes: Uint8Array): Int16Array {
  return new Int16Array(bytes.slice().buffer, 0, Math.floor(bytes.byteLength / 2));
}

/** Largest distance between samples at the same place; Infinity if the lengths differ. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}

/** Pieces of the given sizes, over and over, until the bytes are used up. */
export function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let start = 0, i = 0; start < bytes.byteLength; i++) {
    const size = sizes[i % sizes.length];
    pieces.push(bytes.subarray(start, start + size));
    start += size;
  }
  return pieces;
}

/** Sizes for {@link cut}; at least one is not zero. */
export const cutSizes = fc
  .array(fc.nat(700), { minLength: 1, maxLength: 8 })
  .filter((sizes) => sizes.some((size) => size > 0));
