import type { TimeRange } from "@audio/archive";
import type { TimeZone } from "@audio/segments";
import { dayOf } from "./audio/day.js";

/** A day on the clocks of the receiver's zone: of 24 hours, or 23 or 25 where they are changed. */
export interface LocalDay extends TimeRange {
  /** 2026-11-20 */
  readonly date: string;
}

/** The days of a month like `2026-11`; none of what is no month. */
export function daysOfMonth(month: string, zone: TimeZone): LocalDay[] {
  return Array.from({ length: 31 }, (_, i) => `${month}-${String(i + 1).padStart(2, "0")}`).flatMap(
    (date) => {
      const day = dayOf(date, zone);
      return day === undefined ? [] : [{ date, ...day }];
    },
  );
}

/** The date that clocks in the zone show at a time. */
export function dateAt(us: number, zone: TimeZone): string {
  const { year, month, day } = zone.local(us);
  return [String(year).padStart(4, "0"), ...[month, day].map((part) => String(part).padStart(2, "0"))].join(
    "-",
  );
}
