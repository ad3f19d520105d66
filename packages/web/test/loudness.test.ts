import { expect, it } from "vitest";
import {
  byteOf,
  dbfsOfByte,
  LOUDNESS_CSS,
  LOUDNESS_PIXELS,
  LOUDNESS_RGB,
  NOTHING,
  QUIETEST,
  rgbOf,
} from "../src/parts/loudness.js";

// Of matplotlib's viridis at 0, 1/4, 1/2, 3/4 and 1.
const VIRIDIS = [
  [68, 1, 84],
  [59, 82, 139],
  [33, 145, 140],
  [94, 201, 98],
  [253, 231, 37],
];

it("is viridis from the quietest to full scale", () => {
  for (const [i, colour] of VIRIDIS.entries()) {
    const made = rgbOf(QUIETEST - (QUIETEST * i) / 4);
    for (const part of [0, 1, 2]) expect(Math.abs(made[part] - colour[part]), `${made}`).toBeLessThan(6);
  }
});

it("grows lighter with each step", () => {
  const lightness = Array.from({ length: 241 }, (_, byte) => {
    const [red, green, blue] = LOUDNESS_RGB.subarray(3 * byte);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  });
  for (let byte = byteOf(QUIETEST) + 4; byte <= 240; byte++)
    expect(lightness[byte]).toBeGreaterThan(lightness[byte - 4]);
});

it("says the same as pixels, as words and as bytes", () => {
  const byte = byteOf(-20);
  expect(dbfsOfByte(byte)).toBe(-20);
  const [red, green, blue] = rgbOf(-20);
  expect(LOUDNESS_CSS[byte]).toBe(`rgb(${red} ${green} ${blue})`);
  expect([...new Uint8Array(LOUDNESS_PIXELS.slice(byte, byte + 1).buffer)]).toEqual([red, green, blue, 255]);
  expect([LOUDNESS_CSS[NOTHING], LOUDNESS_PIXELS[NOTHING]]).toEqual(["transparent", 0]);
});
