import type { TimeZone } from "@audio/segments";
import { z } from "zod";
import { queryTime } from "../api/times.js";

const DATE = z.iso.date();

/** A day on the clocks of a time zone: UTC, microseconds since the epoch, `toUs` not included. */
export interface DayRange {
  readonly fromUs: number;
  readonly toUs: number;
}

/** The day of a date like `2026-11-20`; undefined for what is none. */
export function dayOf(date: string, zone: TimeZone): DayRange | undefined {
  if (!DATE.safeParse(date).success) return undefined;
  return { fromUs: queryTime(date, "from", zone), toUs: queryTime(date, "to", zone) };
}
