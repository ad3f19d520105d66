import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coarseStretches, mergeStretches, type Place, type Stretch } from "../src/index.js";

const stretch: fc.Arbitrary<Stretch> = fc
  .tuple(fc.nat(60), fc.integer({ min: 1, max: 12 }), fc.constantFrom<Place>("recording", "local", "remote"))
  .map(([start, length, place]) => [start, start + length, place]);
const stretches = fc.array(stretch, { maxLength: 15 });

const isAt = (all: readonly Stretch[], at: number, place?: Place) =>
  all.some(([start, end, where]) => start <= at && at < end && (place === undefined || where === place));

describe("mergeStretches", () => {
  it("covers the same time, in order, none reaching into another; the better place shows", () => {
    fc.assert(
      fc.property(stretches, (all) => {
        const row = mergeStretches(all, 0);
        for (const [i, [start, end, place]] of row.entries()) {
          expect(start).toBeLessThan(end);
          if (i > 0) expect(row[i - 1][1]).toBeLessThanOrEqual(start);
          if (i > 0 && row[i - 1][2] === place) expect(row[i - 1][1]).toBeLessThan(start);
        }
        for (let at = 0; at < 80; at++) {
          const best = (["recording", "local", "remote"] as const).find((place) => isAt(all, at, place));
          expect(row.filter(([start, end]) => start <= at && at < end).map(([, , place]) => place)).toEqual(
            best === undefined ? [] : [best],
          );
        }
      }),
    );
  });

  it("is the same however it is put together", () => {
    fc.assert(
      fc.property(stretches, stretches, fc.nat(3), (some, others, tolerance) => {
        const whole = mergeStretches([...some, ...others], tolerance);
        expect(mergeStretches([...others, ...some], tolerance)).toEqual(whole);
        expect(mergeStretches(whole, 0)).toEqual(whole);
      }),
    );
  });

  it("joins what follows within the tolerance", () => {
    const row: Stretch[] = [
      [0, 10, "local"],
      [11, 20, "local"],
      [22, 30, "local"],
    ];
    expect(mergeStretches(row, 1)).toEqual([
      [0, 20, "local"],
      [22, 30, "local"],
    ]);
  });
});

describe("coarseStretches", () => {
  it("has no more than so many, and loses no time that is shown", () => {
    fc.assert(
      fc.property(stretches, fc.integer({ min: 8, max: 20 }), (all, most) => {
        const row = coarseStretches(all, 0, most);
        expect(row.length).toBeLessThanOrEqual(most);
        for (let at = 0; at < 80; at++) if (isAt(all, at)) expect(isAt(row, at)).toBe(true);
      }),
    );
  });
});
