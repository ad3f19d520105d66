import { TimeZone } from "@audio/segments";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatMoment, parseMoment, parseTyped } from "../../src/pages/day/time/clock.js";
import { addDays, addMonths, dateAt, dayOf, daysIn, isDate } from "../../src/pages/day/time/local-day.js";
import { TickRow, tickLabel, tickStep, tickTimes } from "../../src/pages/day/time/ticks.js";

const VIENNA = new TimeZone("Europe/Vienna");
const HOUR = 3_600_000_000;
const utc = (iso: string) => Date.parse(iso) * 1000;

/** Zones with half hours, with summer time in the south, at midnight, of 30 minutes, and without any. */
const ZONES = [
  "UTC",
  "Europe/Vienna",
  "America/St_Johns",
  "Australia/Lord_Howe",
  "America/Sao_Paulo",
  "Asia/Kathmandu",
].map((name) => new TimeZone(name));

const anyZone = fc.constantFrom(...ZONES);
/** Whole milliseconds of the years 2005 … 2034. */
const anyMoment = fc.integer({ min: 1_104_537_600_000, max: 2_051_222_400_000 }).map((ms) => ms * 1000);

describe("a local day", () => {
  it("has 24 hours, 23 when clocks go forward, 25 when they go back", () => {
    const hours = (date: string) => {
      const { fromUs, toUs } = dayOf(VIENNA, date);
      return (toUs - fromUs) / HOUR;
    };
    expect(hours("2026-11-17")).toBe(24);
    expect(hours("2026-03-29")).toBe(23);
    expect(hours("2026-10-25")).toBe(25);
    expect(dayOf(VIENNA, "2026-11-17").fromUs).toBe(utc("2026-11-16T23:00:00Z"));
  });

  it("begins at one where midnight is left out", () => {
    const zone = new TimeZone("America/Sao_Paulo");
    expect(dayOf(zone, "2018-11-04").fromUs).toBe(utc("2018-11-04T03:00:00Z"));
  });

  it("follows the one before without a hole, and holds every moment that has its date", () => {
    fc.assert(
      fc.property(anyZone, anyMoment, (zone, us) => {
        const date = dateAt(zone, us);
        const { fromUs, toUs } = dayOf(zone, date);
        expect(us >= fromUs && us < toUs).toBe(true);
        expect(dayOf(zone, addDays(date, 1)).fromUs).toBe(toUs);
      }),
    );
  });

  it("knows dates and months", () => {
    expect(["2026-02-28", "2026-02-30", "2026-2-3", "x"].map(isDate)).toEqual([true, false, false, false]);
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
    expect(addMonths("2026-01", -1)).toBe("2025-12");
    expect(["2026-02", "2028-02", "2026-11"].map(daysIn)).toEqual([28, 29, 30]);
  });
});

describe("a time of day", () => {
  it("comes back from its text, to the millisecond, also in the hour that comes twice", () => {
    fc.assert(
      fc.property(anyZone, anyMoment, (zone, us) => {
        const date = dateAt(zone, us);
        expect(parseMoment(zone, date, formatMoment(zone, date, us))).toBe(us);
      }),
    );
    const twice = ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"].map(utc);
    const texts = twice.map((us) => formatMoment(VIENNA, "2026-10-25", us));
    expect(texts).toEqual(["02:30:00.000+02:00", "02:30:00.000+01:00"]);
    expect(texts.map((text) => parseMoment(VIENNA, "2026-10-25", text))).toEqual(twice);
  });

  it("may be the end of the day, and nothing behind it", () => {
    const { toUs } = dayOf(VIENNA, "2026-03-29");
    expect(parseMoment(VIENNA, "2026-03-29", "24:00:00.000")).toBe(toUs);
    for (const text of ["24:01", "3:60", "3:17:60", "3:1", "abc", "", "-1:00"])
      expect(parseMoment(VIENNA, "2026-03-29", text)).toBeUndefined();
  });

  it("is understood as people type it", () => {
    const at = (text: string) => parseTyped(VIENNA, "2026-11-17", text);
    const wanted = utc("2026-11-17T02:17:00Z");
    for (const text of ["3:17", "03:17", "0317", "317", " 3.17 ", "3h17", "03:17:00", "031700"])
      expect(at(text)).toBe(wanted);
    expect(at("3")).toBe(utc("2026-11-17T02:00:00Z"));
    expect(at("3:17:05.5")).toBe(wanted + 5_500_000);
    expect(at("quarter past")).toBeUndefined();
  });
});

describe("ticks", () => {
  it("are an hour or more apart over a day, a tenth over a second", () => {
    const day = dayOf(VIENNA, "2026-11-17");
    expect(tickStep(day, 1400)).toEqual([HOUR, 4]);
    expect(tickStep(day, 360)).toEqual([6 * HOUR, 6]);
    expect(tickStep({ fromUs: 0, toUs: 1_000_000 }, 1400)).toEqual([100_000, 5]);
  });

  it("show multiples of the step on the clock, in order, also where it changes", () => {
    fc.assert(
      fc.property(
        anyZone,
        anyMoment,
        fc.double({ min: 1, max: 90_000, noNaN: true }),
        (zone, us, seconds) => {
          const view = { fromUs: us, toUs: us + Math.round(seconds * 1_000_000) };
          const [step] = tickStep(view, 1000);
          const times = tickTimes(zone, view, step);
          for (const [i, time] of times.entries()) {
            expect((time + zone.offsetUs(time)) % step).toBe(0);
            expect(i === 0 || time > times[i - 1]).toBe(true);
          }
          expect(times.length).toBeLessThan(25);
        },
      ),
    );
  });

  it("name the hour that comes twice twice, and the one that is left out never", () => {
    const labels = (date: string) =>
      tickTimes(VIENNA, dayOf(VIENNA, date), HOUR).map((us) => tickLabel(VIENNA, us, HOUR));
    expect(labels("2026-10-25").slice(0, 5)).toEqual(["00:00", "01:00", "02:00", "02:00", "03:00"]);
    expect(labels("2026-03-29").slice(0, 4)).toEqual(["00:00", "01:00", "03:00", "04:00"]);
    expect(tickLabel(VIENNA, utc("2026-11-17T02:17:05.2Z"), 200_000)).toBe("03:17:05.2");
    expect(tickLabel(VIENNA, utc("2026-11-17T02:17:05Z"), 5_000_000)).toBe("03:17:05");
  });

  it("are not made anew while a view moves within them", () => {
    const row = new TickRow(VIENNA);
    const from = utc("2026-11-17T02:00:00Z");
    row.follow({ fromUs: from, toUs: from + HOUR }, 1000);
    const { times, labels } = row;
    row.follow({ fromUs: from + HOUR / 2, toUs: from + 1.5 * HOUR }, 1000);
    expect(row.times).toBe(times);
    expect(row.labels).toBe(labels);
    row.follow({ fromUs: from + 3 * HOUR, toUs: from + 4 * HOUR }, 1000);
    expect(row.times).not.toBe(times);
  });
});
