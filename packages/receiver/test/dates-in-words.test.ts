import { TimeZone } from "@audio/segments";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { datesIn } from "../src/web/dates-in-words.js";

const zone = new TimeZone("Europe/Vienna");
// A Sunday; in Vienna it is 00:30 of the 23rd, a Monday.
const NOW_US = Date.UTC(2026, 10, 22, 23, 30) * 1000;

const found = (text: string) => datesIn(text, zone, NOW_US).map(({ date, title }) => date ?? title);

describe("datesIn", () => {
  it.each([
    ["2026-11-17", "2026-11-17"],
    ["2026-1-7", "2026-01-07"],
    ["17.11.2026", "2026-11-17"],
    ["17.11.", "2026-11-17"],
    ["24.12.", "2025-12-24"],
    ["today", "2026-11-23"],
    ["Yesterday", "2026-11-22"],
    ["tuesday", "2026-11-17"],
    ["tue", "2026-11-17"],
    ["monday", "2026-11-16"],
    ["17 november", "2026-11-17"],
    ["Nov 17, 2025", "2025-11-17"],
    ["december 1st", "2025-12-01"],
    ["november", "November 2026"],
    ["december", "December 2025"],
    ["november 2025", "November 2025"],
    ["2026-10", "October 2026"],
  ])("takes %s for %s", (text, date) => {
    expect(found(text)).toEqual([date]);
  });

  it.each(["", "kitchen", "31.2.2026", "2026-11-24", "2027-01", "tu", "2026-13", "november kitchen", "1"])(
    "finds none in %j",
    (text) => {
      expect(found(text)).toEqual([]);
    },
  );

  it("knows how long days and months are where clocks are changed", () => {
    const hours = (text: string) =>
      datesIn(text, zone, NOW_US).map(({ fromUs, toUs }) => (toUs - fromUs) / 3.6e9);
    expect([...hours("25.10.2026"), ...hours("29.3.2026"), ...hours("october 2026")]).toEqual([
      25,
      23,
      31 * 24 + 1,
    ]);
  });

  it("takes any text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const { fromUs, toUs } of datesIn(text, zone, NOW_US)) expect(fromUs).toBeLessThan(toUs);
      }),
    );
  });
});
