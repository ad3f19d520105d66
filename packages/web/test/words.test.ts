import { describe, expect, it } from "vitest";
import { agoOf, countOf, dbfsOf, durationOf, percentOf, rateOf, signed, sizeOf } from "../src/parts/words.js";

const SECOND = 1_000_000;
/** As it is read: which space it is does not matter here. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");

describe("a length of time", () => {
  it.each([
    [0, "0 s"],
    [250_000, "0.25 s"],
    [9_999_999, "10 s"],
    [12 * SECOND, "12 s"],
    [59.7 * SECOND, "1 min"],
    [200 * SECOND, "3 min 20 s"],
    [185 * SECOND, "3 min 05 s"],
    [7500 * SECOND, "2 h 05 min"],
    [7200 * SECOND, "2 h"],
    [3599.6 * SECOND, "1 h"],
    [100 * 3600 * SECOND, "4 d 4 h"],
    [-90 * SECOND, "\u22121 min 30 s"],
  ])("%d µs is %s", (us, words) => expect(plain(durationOf(us))).toBe(words));
});

describe("how long ago", () => {
  it.each([
    [-5 * SECOND, "now"],
    [1.9 * SECOND, "now"],
    [12.9 * SECOND, "12 s ago"],
    [61 * SECOND, "1 min ago"],
    [47 * 3600 * SECOND, "47 h ago"],
    [49 * 3600 * SECOND, "2 days ago"],
  ])("%d µs is %s", (us, words) => expect(plain(agoOf(us))).toBe(words));
});

it("tells bytes, levels, rates, counts and shares", () => {
  expect([0, 1, 999, 1000, 43_960, 999_600, 1_254_000_000].map((bytes) => plain(sizeOf(bytes)))).toEqual([
    "0 bytes",
    "1 byte",
    "999 bytes",
    "1 kB",
    "44 kB",
    "1 MB",
    "1.25 GB",
  ]);
  expect([-12.34, 0, -120].map((level) => plain(dbfsOf(level)))).toEqual([
    "\u221212.3 dBFS",
    "0.0 dBFS",
    "silence",
  ]);
  expect([800, 16_000, 44_100].map((hz) => plain(rateOf(hz)))).toEqual(["800 Hz", "16 kHz", "44.1 kHz"]);
  expect([countOf(1, "channel"), countOf(12_345, "day")].map(plain)).toEqual(["1 channel", "12 345 days"]);
  expect([percentOf(0, 5), percentOf(1, 1e6), percentOf(3, 200), percentOf(1, 8)].map(plain)).toEqual([
    "0 %",
    "< 0.01 %",
    "1.5 %",
    "13 %",
  ]);
  expect(signed(-0.04, 1)).toBe("0.0");
});
