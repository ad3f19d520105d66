/** Bytes in the shapes that the tests need. */

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)));
}

/** A copy with the 16-bit little-endian number at `offset` replaced. */
export function withU16(bytes: Uint8Array, offset: number, value: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  new DataView(copy.buffer).setUint16(offset, value, true);
  return copy;
}

/** A copy with the 32-bit little-endian number at `offset` replaced. */
export function withU32(bytes: Uint8Array, offset: number, value: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  new DataView(copy.buffer).setUint32(offset, value, true);
  return copy;
}

/** The bytes cut at the given places, in any order; places beyond the end cut nothing. */
export function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const inside = places.filter((place) => place <= bytes.length).sort((a, b) => a - b);
  return [...inside, bytes.length].map((end, i) => bytes.subarray(inside[i - 1] ?? 0, end));
}
