// Bytes by hand, so that the corpus knows nothing of the code that it is thrown at.

/**
 * @param {readonly (Uint8Array | string | readonly number[])[]} parts text is taken as Latin-1
 * @returns {Buffer}
 */
export function join(...parts) {
  return Buffer.concat(
    parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part))),
  );
}

/** @param {number} value */
export function u16(value) {
  return [value & 0xff, (value >>> 8) & 0xff];
}

/** @param {number} value */
export function u32(value) {
  return [...u16(value), ...u16(value >>> 16)];
}

/** @param {number} value */
export function u16be(value) {
  return u16(value).reverse();
}

/** @param {number} value */
export function u32be(value) {
  return u32(value).reverse();
}

/**
 * The same noise in every run (Numerical Recipes' LCG).
 * @param {number} length
 */
export function noise(length, seed = 1) {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/**
 * A copy with other bytes at `offset`.
 * @param {Uint8Array} bytes
 * @param {number} offset
 * @param {readonly number[]} values
 */
export function patched(bytes, offset, values) {
  const copy = Buffer.from(bytes);
  copy.set(values, offset);
  return copy;
}
