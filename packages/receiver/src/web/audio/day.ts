import type { TimeZone } from "@audio/segments";
import { z } from "zod";
import { timeOf } from "../../time-of.js";

const DATE = z.iso.date();

/** A day on the clocks of a time zone: UTC, microseconds since the epoch, `toUs` not included. */
export interface DayRange {
  readonly fromUs: number;
  readonly toUs: number;
}

/** The day of a date like `2026-11-20`; undefined for what is none. */
export function dayOf(date: string, zone: TimeZone): DayRange | undefined {
  if (!DATE.safeParse(date).success) return undefined;
  const edge = (day: "start" | "end") => timeOf(date, { option: "date", zone, nowUs: 0, day });
  const day = { fromUs: edge("start"), toUs: edge("end") };
  return Object.values(day).every(Number.isSafeInteger) ? day : undefined; // no recording is of the year 9999
}
