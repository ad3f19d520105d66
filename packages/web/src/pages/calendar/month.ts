import type { Day, DeviceDays } from "@audio/api";
import { daysIn, midnight } from "../day/time/local-day.js";

const HOUR_US = 3_600_000_000;
const NEARLY_ALL = 0.97;

/** `2026-11` */
export function isMonth(text: string): boolean {
  return /^\d{4}-(0[1-9]|1[0-2])$/.test(text);
}

/** `November 2026` */
export function monthName(month: string): string {
  const format = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
  return format.format(midnight(`${month}-01`) / 1000);
}

/** Every date of a month. */
export function datesOf(month: string): string[] {
  return Array.from({ length: daysIn(month) }, (_, i) => `${month}-${String(i + 1).padStart(2, "0")}`);
}

/** `Tue 17 November` */
export function dateName(date: string): string {
  const format = new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "long",
    timeZone: "UTC",
  });
  return format.format(midnight(date) / 1000).replace(",", "");
}

/** 0 = Monday … 6 = Sunday. */
export function weekdayOf(date: string): number {
  return (new Date(midnight(date) / 1000).getUTCDay() + 6) % 7;
}

/** How dark a day is drawn: 0 = nothing, 1 … 3 = by thirds, 4 = all of it, but for some minutes. */
export function shadeOf({
  recordedUs,
  startUs,
  endUs,
}: Pick<Day, "recordedUs" | "startUs" | "endUs">): number {
  if (recordedUs <= 0) return 0;
  const share = recordedUs / (endUs > startUs ? endUs - startUs : 24 * HOUR_US);
  return share >= NEARLY_ALL ? 4 : Math.min(3, 1 + Math.floor(share * 3));
}

/** Hours as they fit into a cell: `24`, `3`, `<1`. */
export function hoursText(recordedUs: number): string {
  if (recordedUs <= 0) return "";
  return recordedUs < HOUR_US / 2 ? "<1" : String(Math.round(recordedUs / HOUR_US));
}

/** A day of all devices together. */
export interface TotalDay extends Day {
  /** Devices that recorded. */
  readonly devices: number;
}

/** Days of all devices as one: the device that recorded most says how much of a day there is. */
export function totalOf(all: readonly DeviceDays[]): ReadonlyMap<string, TotalDay> {
  const total = new Map<string, TotalDay>();
  for (const { days } of all)
    for (const day of days) {
      const before = total.get(day.date);
      total.set(day.date, before === undefined ? { ...day, devices: 1 } : added(before, day));
    }
  return total;
}

function added(before: TotalDay, day: Day): TotalDay {
  const louder = before.peakDbfs === null ? day.peakDbfs : Math.max(before.peakDbfs, day.peakDbfs ?? -120);
  return {
    ...before,
    recordedUs: Math.max(before.recordedUs, day.recordedUs),
    segments: before.segments + day.segments,
    sounds: before.sounds + day.sounds,
    peakDbfs: louder,
    devices: before.devices + 1,
  };
}
