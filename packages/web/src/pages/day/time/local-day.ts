import type { TimeZone } from "@audio/segments";
import type { Span } from "./view.js";

const DAY_MS = 86_400_000;
const DAY_US = DAY_MS * 1000;

/** A date that exists: `2026-11-17`, not `2026-02-30`. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

/** The date so many days later; negative: earlier. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The month so many months later: `2026-11` → `2026-12`. */
export function addMonths(month: string, months: number): string {
  const [year, number] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number - 1 + months, 1)).toISOString().slice(0, 7);
}

/** Number of days of a month: `2026-11` → 30. */
export function daysIn(month: string): number {
  const [year, number] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number, 0)).getUTCDate();
}

/** What the calendar shows in a zone at a time (UTC, microseconds since the epoch). */
export function dateAt(zone: TimeZone, us: number): string {
  return new Date(Math.floor((us + zone.offsetUs(us)) / 1000)).toISOString().slice(0, 10);
}

/** A wall clock at midnight of a date, in microseconds since 1970-01-01 00:00 on the same clock. */
export function midnight(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) * 1000;
}

/**
 * When a wall clock shows a time; where summer time leaves it out, the moment at which it is left out; where it
 * comes twice, the earlier.
 */
export function momentOf(zone: TimeZone, localUs: number): number {
  return zone.moments(localUs)[0] ?? localUs - zone.offsetUs(localUs - DAY_US);
}

/** From midnight to midnight: 24 hours, 23 or 25 where the clocks change. */
export function dayOf(zone: TimeZone, date: string): Span {
  return {
    fromUs: momentOf(zone, midnight(date)),
    toUs: momentOf(zone, midnight(addDays(date, 1))),
  };
}
