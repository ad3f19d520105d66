import { describe, expect, it } from "vitest";
import { clockOf, dateOf, dayOf, exactOf, lastDays, momentPath, zoneOf } from "../src/parts/zoned.js";

const us = (iso: string) => Date.parse(iso) * 1000;

describe("times in the receiver's zone", () => {
  const night = us("2026-11-16T23:30:05.250Z");

  it("has clock, date and zone", () => {
    expect(clockOf(night, "Europe/Berlin", "millisecond")).toBe("00:30:05.250");
    expect(clockOf(night, "Europe/Berlin", "minute")).toBe("00:30");
    expect(dateOf(night, "Europe/Berlin")).toBe("2026-11-17");
    expect(dateOf(night, "UTC")).toBe("2026-11-16");
    expect(dayOf(night, "Europe/Berlin")).toBe("Tue 17 Nov 2026");
    expect(exactOf(night, "Europe/Berlin")).toBe("Tue 17 Nov 2026, 00:30:05.250 CET");
  });

  it("tells the two hours of one name apart", () => {
    const first = us("2026-10-25T00:30:00Z");
    expect([first, first + 3600e6].map((time) => zoneOf(time, "Europe/Berlin"))).toEqual(["CEST", "CET"]);
    expect(clockOf(first, "Europe/Berlin")).toBe(clockOf(first + 3600e6, "Europe/Berlin"));
  });

  it("never rounds up to a time that has not come", () => {
    expect(clockOf(us("2026-11-16T12:00:00Z") - 1, "UTC", "millisecond")).toBe("11:59:59.999");
  });

  it("has the address of a moment", () => {
    expect(momentPath(night, "UTC", ["a", "~"])).toBe("/date/2026-11-16?device=a&device=%7E&at=23:30:05.250");
  });
});

describe("the last days", () => {
  it("go across months and clock changes, the latest last", () => {
    const days = lastDays(us("2026-11-01T12:00:00Z"), "Europe/Berlin", 8);
    expect(days.map(({ date }) => date)).toEqual([
      "2026-10-25",
      "2026-10-26",
      "2026-10-27",
      "2026-10-28",
      "2026-10-29",
      "2026-10-30",
      "2026-10-31",
      "2026-11-01",
    ]);
    expect(days.at(-1)).toEqual({
      date: "2026-11-01",
      weekday: "Sun",
      number: "1",
      name: "Sunday 1 November",
    });
  });

  it("begin with the zone's own day", () => {
    expect(lastDays(us("2026-11-16T23:30:00Z"), "Asia/Tokyo", 1)[0].date).toBe("2026-11-17");
  });
});
