import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { classifySequence, framesLost, nextSequence } from "../src/index.js";
import { u32 } from "./arbitraries.js";

const HALF = 2 ** 31;
const LAST = 2 ** 32 - 1;

/** The definition, in arithmetic that cannot overflow: the shorter way round from expected to seq. */
function distance(expected: number, seq: number): bigint {
  return BigInt.asIntN(32, BigInt(seq) - BigInt(expected));
}

function classified(expected: number, seq: number, maxGapFrames: number): string {
  const way = distance(expected, seq);
  if (way === 0n) return "next";
  if (way > maxGapFrames || way < -maxGapFrames) return "restart";
  return way > 0n ? "lost" : "repeated";
}

/** Pairs all over the range, and near each other so that bounds are met. */
const pairs = fc.oneof(
  fc.tuple(u32, u32),
  fc
    .tuple(u32, fc.integer({ min: -70, max: 70 }))
    .map(([expected, way]): [number, number] => [
      expected,
      Number(BigInt.asUintN(32, BigInt(expected + way))),
    ]),
);

describe("classifySequence", () => {
  it("is as defined", () => {
    const bounds = fc.oneof(fc.nat(70), fc.integer({ min: 0, max: HALF }));
    fc.assert(
      fc.property(pairs, bounds, ([expected, seq], maxGapFrames) => {
        expect(classifySequence(expected, seq, maxGapFrames)).toBe(classified(expected, seq, maxGapFrames));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    [10, 10, 5, "next"],
    [10, 11, 5, "lost"],
    [10, 15, 5, "lost"],
    [10, 16, 5, "restart"],
    [10, 9, 5, "repeated"],
    [10, 5, 5, "repeated"],
    [10, 4, 5, "restart"],
    [0, LAST, 5, "repeated"],
    [0, LAST - 4, 5, "repeated"],
    [0, LAST - 5, 5, "restart"],
    [LAST, 0, 5, "lost"],
    [LAST, LAST, 5, "next"],
    [LAST, 4, 5, "lost"],
    [LAST, 5, 5, "restart"],
    [1000, 0, 3000, "repeated"],
    [5000, 0, 3000, "restart"],
  ])("expected %d, found %d, bound %d: %s", (expected, seq, bound, step) => {
    expect(classifySequence(expected, seq, bound)).toBe(step);
  });

  it("takes any other number as a restart if the bound is 0", () => {
    expect(classifySequence(7, 7, 0)).toBe("next");
    expect(classifySequence(7, 8, 0)).toBe("restart");
    expect(classifySequence(7, 6, 0)).toBe("restart");
  });

  it.each([0, 7, HALF - 1, HALF, LAST])("halves the range at %d", (expected) => {
    const ahead = (by: number) => (expected + by) % 2 ** 32;
    expect(classifySequence(expected, ahead(HALF - 1), HALF - 1)).toBe("lost");
    expect(classifySequence(expected, ahead(HALF), HALF - 1)).toBe("restart");
    expect(classifySequence(expected, ahead(HALF + 1), HALF - 1)).toBe("repeated");
    expect(classifySequence(expected, ahead(HALF), HALF)).toBe("repeated");
  });
});

describe("framesLost", () => {
  it("is the way ahead modulo 2^32", () => {
    fc.assert(
      fc.property(pairs, ([expected, seq]) => {
        expect(framesLost(expected, seq)).toBe(Number(BigInt.asUintN(32, BigInt(seq) - BigInt(expected))));
      }),
    );
  });

  it.each([
    [5, 5, 0],
    [5, 8, 3],
    [LAST, 0, 1],
    [LAST - 1, 2, 4],
    [0, LAST, LAST],
  ])("between %d and %d is %d", (expected, seq, frames) => {
    expect(framesLost(expected, seq)).toBe(frames);
  });

  it("never exceeds the bound where classifySequence says lost", () => {
    fc.assert(
      fc.property(pairs, fc.nat(70), ([expected, seq], bound) => {
        if (classifySequence(expected, seq, bound) !== "lost") return;
        expect(framesLost(expected, seq)).toBeGreaterThan(0);
        expect(framesLost(expected, seq)).toBeLessThanOrEqual(bound);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("nextSequence", () => {
  it.each([
    [0, 1],
    [HALF - 1, HALF],
    [HALF, HALF + 1],
    [LAST - 1, LAST],
    [LAST, 0],
  ])("after %d comes %d", (seq, next) => {
    expect(nextSequence(seq)).toBe(next);
  });

  it("is what classifySequence calls next", () => {
    fc.assert(
      fc.property(u32, (seq) => {
        expect(framesLost(seq, nextSequence(seq))).toBe(1);
        expect(classifySequence(nextSequence(seq), nextSequence(seq), 0)).toBe("next");
      }),
    );
  });
});
