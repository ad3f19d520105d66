import { describe, expect, it } from "vitest";
import { cellAfter } from "../src/pages/calendar/grid-keys.js";
import {
  datesOf,
  hoursText,
  isMonth,
  monthName,
  shadeOf,
  totalOf,
  weekdayOf,
} from "../src/pages/calendar/month.js";
import { beyond } from "../src/pages/day/selection/loss.js";

const HOUR = 3_600_000_000;
const day = (date: string, hours: number, length = 24) => ({
  ...{ date, startUs: 0, endUs: length * HOUR, recordedUs: hours * HOUR, segments: 1, sounds: 2 },
  peakDbfs: -hours,
});

describe("a month", () => {
  it("has its dates and weekdays", () => {
    expect(datesOf("2026-02")).toHaveLength(28);
    expect(datesOf("2026-11").at(-1)).toBe("2026-11-30");
    expect(["2026-11-01", "2026-11-02", "2026-11-21"].map(weekdayOf)).toEqual([6, 0, 5]);
    expect(["2026-11", "2026-13", "2026-1", "x"].map(isMonth)).toEqual([true, false, false, false]);
    expect(monthName("2026-11")).toBe("November 2026");
  });

  it("is shaded by the part of the day that was recorded, also of a day of 23 hours", () => {
    const shades = [0, 0.1, 7, 9, 17, 23, 24].map((hours) => shadeOf(day("2026-11-01", hours)));
    expect(shades).toEqual([0, 1, 1, 2, 3, 3, 4]);
    expect(shadeOf(day("2026-03-29", 23, 23))).toBe(4);
    expect([0, 0.1, 0.6, 23.7].map((hours) => hoursText(hours * HOUR))).toEqual(["", "<1", "1", "24"]);
  });

  it("of all devices has the longest of each day, and all sounds", () => {
    const all = totalOf([
      { device: "a", days: [day("2026-11-01", 3), day("2026-11-02", 5)] },
      { device: "b", days: [day("2026-11-01", 9)] },
    ]);
    expect(all.get("2026-11-01")).toMatchObject({
      recordedUs: 9 * HOUR,
      sounds: 4,
      devices: 2,
      peakDbfs: -3,
    });
    expect(all.get("2026-11-02")).toMatchObject({ devices: 1 });
  });
});

describe("keys in a grid", () => {
  const press = (key: string, ctrlKey = false) => cellAfter({ row: 1, column: 1 }, { key, ctrlKey }, 3, 7);
  it("go from cell to cell and stop at its edges", () => {
    expect(press("ArrowLeft")).toEqual({ row: 1, column: 0 });
    expect(press("ArrowDown")).toEqual({ row: 2, column: 1 });
    expect(press("Home")).toEqual({ row: 1, column: 0 });
    expect(press("End", true)).toEqual({ row: 2, column: 6 });
    expect(cellAfter({ row: 0, column: 6 }, { key: "ArrowRight", ctrlKey: false }, 3, 7)).toEqual({
      row: 0,
      column: 6,
    });
    expect(press("x")).toBeUndefined();
  });
});

it("a deletion reaches beyond what was selected by whole segments", () => {
  const selection = { fromUs: 100, toUs: 200 };
  expect(beyond({ fromUs: 90, toUs: 230 }, selection)).toBe(40);
  expect(beyond({ fromUs: 120, toUs: 150 }, selection)).toBe(0);
  expect(beyond({ fromUs: null, toUs: null }, selection)).toBe(0);
});
