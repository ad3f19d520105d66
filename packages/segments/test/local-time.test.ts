import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LocalTime, SegmentsError, TimeZone } from "../src/index.js";

const HOUR_US = 3_600_000_000;
const utc = (...fields: [number, number, number, number, number, number?]) => Date.UTC(...fields) * 1000;
const clockOf = (zone: TimeZone, us: number) => {
  const { hour, minute, second } = zone.local(us);
  return [hour, minute, second].map((value) => String(value).padStart(2, "0")).join(":");
};

describe("the night in which summer time ends in Vienna", () => {
  const zone = new TimeZone("Europe/Vienna");
  const endsAt = utc(2026, 9, 25, 1, 0);

  it("has the hour from 2 to 3 twice", () => {
    expect(clockOf(zone, endsAt - HOUR_US / 2)).toBe("02:30:00");
    expect(clockOf(zone, endsAt + HOUR_US / 2)).toBe("02:30:00");
    expect(zone.offsetUs(endsAt - HOUR_US / 2)).toBe(2 * HOUR_US);
    expect(zone.offsetUs(endsAt + HOUR_US / 2)).toBe(HOUR_US);
  });

  it("changes within the microsecond", () => {
    expect(zone.local(endsAt - 1)).toEqual({
      year: 2026,
      month: 10,
      day: 25,
      hour: 2,
      minute: 59,
      second: 59,
      microsecond: 999_999,
    });
    expect(zone.local(endsAt)).toEqual({
      year: 2026,
      month: 10,
      day: 25,
      hour: 2,
      minute: 0,
      second: 0,
      microsecond: 0,
    });
  });

  it("has no hour from 2 to 3 in spring", () => {
    const begins = utc(2026, 2, 29, 1, 0);
    expect(clockOf(zone, begins - 1)).toBe("01:59:59");
    expect(clockOf(zone, begins)).toBe("03:00:00");
  });
});

it.each([
  ["UTC", 0],
  ["Asia/Kolkata", 330],
  ["Asia/Kathmandu", 345],
  ["Australia/Eucla", 525],
  ["America/St_Johns", -210], // and half an hour off in winter
  ["Pacific/Chatham", 825], // 13:45 in its summer
  ["Pacific/Kiritimati", 840],
])("%s is %i minutes from UTC in November", (name, minutes) => {
  expect(new TimeZone(name).offsetUs(utc(2026, 10, 21, 12, 0))).toBe(minutes * 60_000_000);
});

it("knows that Lord Howe moves its clocks by half an hour", () => {
  const zone = new TimeZone("Australia/Lord_Howe");
  const endsAt = utc(2026, 3, 4, 15, 0);
  expect(zone.offsetUs(endsAt - 1)).toBe(11 * HOUR_US);
  expect(zone.offsetUs(endsAt)).toBe(10.5 * HOUR_US);
  expect(clockOf(zone, endsAt)).toBe("01:30:00");
  const begins = utc(2026, 9, 3, 15, 30);
  expect(clockOf(zone, begins - 1)).toBe("01:59:59");
  expect(clockOf(zone, begins)).toBe("02:30:00");
});

it("agrees with the platform's own formatting, in whatever order it is asked", () => {
  const names = [
    "Europe/Vienna",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "UTC",
  ];
  const zones = names.map((name) => ({ zone: new TimeZone(name), format: isoFormat(name) }));
  const moments = fc.integer({ min: utc(1980, 0, 1, 0, 0), max: utc(2099, 0, 1, 0, 0) });
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.array(moments, { minLength: 1, maxLength: 4 }),
      ({ zone, format }, times) => {
        for (const us of times) {
          expect(iso(zone.local(us))).toBe(format.format(us / 1000));
          expect(zone.local(us).microsecond).toBe(us % 1_000_000);
        }
      },
    ),
    { numRuns: 300 },
  );
});

it("puts moments before 1970 right, too", () => {
  const { year, second, microsecond } = new TimeZone("UTC").local(-1);
  expect({ year, second, microsecond }).toEqual({ year: 1969, second: 59, microsecond: 999_999 });
});

it("cuts off fractions of a microsecond", () => {
  expect(new TimeZone("UTC").local(1.9).microsecond).toBe(1);
});

it("takes the system's zone when none is named", () => {
  expect(new TimeZone().name).toBe(Intl.DateTimeFormat().resolvedOptions().timeZone);
});

it.each(["Mars/Olympus", "", "Europe/Vienna ", "../etc/localtime"])("refuses %j", (name) => {
  const message = `time zone "${name}" is not in the IANA database: write it like Europe/Vienna or UTC`;
  expect(() => new TimeZone(name)).toThrow(new SegmentsError("unknown-time-zone", message));
});

// Swedish dates are ISO 8601 but for the "T".
function isoFormat(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
}

function iso({ year, month, day, hour, minute, second }: LocalTime): string {
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second))
    .toISOString()
    .slice(0, 19)
    .replace("T", " ");
}

describe("the moments of a wall time", () => {
  const vienna = new TimeZone("Europe/Vienna");

  it("are two in the hour that comes twice, none in the hour that is left out", () => {
    const half = utc(2026, 9, 25, 2, 30);
    expect(vienna.moments(half)).toEqual([half - 2 * HOUR_US, half - HOUR_US]);
    expect(vienna.moments(utc(2026, 2, 29, 2, 30))).toEqual([]);
    expect(vienna.moments(utc(2026, 9, 25, 3, 0))).toEqual([utc(2026, 9, 25, 2, 0)]);
  });

  it("are one where a zone left out a whole day, and none in that day", () => {
    const apia = new TimeZone("Pacific/Apia"); // had no 30 December 2011
    expect(apia.moments(utc(2011, 11, 30, 12, 0))).toEqual([]);
    expect(apia.moments(utc(2011, 11, 31, 0, 0))).toEqual([utc(2011, 11, 30, 10, 0)]);
  });

  it("contain the moment whose wall time it is", () => {
    const zones = ["UTC", "Europe/Vienna", "Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca"];
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 2 ** 51 }), (name, us) => {
        const zone = new TimeZone(name);
        expect(zone.moments(us + zone.offsetUs(us))).toContain(us);
      }),
      { numRuns: 300 },
    );
  });
});
