import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LevelGrid, type Stretch, toDbfs, waveform } from "../src/index.js";

const SECOND_US = 1_000_000;
const START_US = 1_767_225_600_000_000;
const NOTHING = 255;

const seconds = fc.array(
  fc.array(fc.oneof(fc.nat(240), fc.constant(NOTHING)), { minLength: 10, maxLength: 10 }),
  { minLength: 1, maxLength: 15 },
);
const stretches: fc.Arbitrary<Stretch[]> = fc.array(
  fc.tuple(fc.nat(60), seconds).map(([at, peaks]) => ({
    startUs: START_US + at * SECOND_US,
    track: Uint8Array.from([1, ...peaks.flatMap((second) => [Math.min(...second), ...second])]),
  })),
  { maxLength: 5 },
);

function gridOf(all: readonly Stretch[], range: ConstructorParameters<typeof LevelGrid>[0]): LevelGrid {
  const grid = new LevelGrid(range);
  for (const stretch of all) grid.add(stretch);
  return grid;
}

const bytesOf = (dbfs: Float32Array) =>
  Array.from(dbfs, (value) => (Number.isNaN(value) ? NOTHING : Math.round((value + 120) * 2)));

describe("LevelGrid", () => {
  it("has in bytes what the waveform has in decibels", () => {
    fc.assert(
      fc.property(stretches, fc.integer({ min: 1, max: 90 }), (all, points) => {
        const range = { fromUs: START_US, toUs: START_US + 77 * SECOND_US, points };
        const { peakDbfs, rmsDbfs } = waveform(all, range);
        const { peak, rms } = gridOf(all, range).lane();
        expect([Array.from(peak), Array.from(rms)]).toEqual([bytesOf(peakDbfs), bytesOf(rmsDbfs)]);
      }),
    );
  });

  it("is the same from finer grids whose points end where its own do", () => {
    const range = { fromUs: START_US, toUs: START_US + 80 * SECOND_US };
    fc.assert(
      fc.property(stretches, fc.constantFrom(1, 2, 4, 8), (all, points) => {
        const whole = new LevelGrid({ ...range, points });
        for (const half of [0, 40]) {
          const fromUs = START_US + half * SECOND_US;
          whole.addGrid(gridOf(all, { fromUs, toUs: fromUs + 40 * SECOND_US, points: 8 }));
        }
        expect(whole.lane()).toEqual(gridOf(all, { ...range, points }).lane());
      }),
    );
  });

  it("loses no peak from any grid, and shows none further off than one of its points", () => {
    fc.assert(
      fc.property(stretches, fc.integer({ min: 1, max: 40 }), fc.nat(20_000_000), (all, points, lead) => {
        const cells = gridOf(all, { fromUs: START_US, toUs: START_US + 80 * SECOND_US, points: 80 });
        const range = { fromUs: START_US + lead, toUs: START_US + 80 * SECOND_US, points };
        const coarse = new LevelGrid(range);
        coarse.addGrid(cells);
        const exact = gridOf(all, range).lane();
        const { peak } = coarse.lane();
        const wide = (point: number) => {
          const step = (range.toUs - range.fromUs) / points;
          const fromUs = range.fromUs + point * step - SECOND_US;
          return gridOf(all, { fromUs, toUs: fromUs + step + 2 * SECOND_US, points: 1 }).lane().peak[0];
        };
        for (const [point, value] of exact.peak.entries()) {
          if (value !== NOTHING) expect(peak[point]).toBeGreaterThanOrEqual(value);
          if (peak[point] !== NOTHING) expect(peak[point]).toBeLessThanOrEqual(wide(point));
        }
      }),
    );
  });

  it("gives the mean of the power, not of the decibels", () => {
    const track = Uint8Array.from([1, 240, ...new Array(10).fill(240), 0, ...new Array(10).fill(0)]);
    const grid = gridOf([{ startUs: 0, track }], { fromUs: 0, toUs: 2 * SECOND_US, points: 1 });
    expect(grid.lane().rms[0]).toBe(Math.round((toDbfs(Math.sqrt(0.5)) + 120) * 2));
    expect(grid.byteLength).toBe(13);
  });

  it.each([
    [{ fromUs: 5, toUs: 5, points: 1 }, "a beginning before its end"],
    [{ fromUs: 0, toUs: 5, points: 0.5 }, "1 point or more, not 0.5"],
  ])("refuses %j", (range, message) => {
    expect(() => new LevelGrid(range)).toThrow(message);
  });
});
