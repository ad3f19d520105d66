import { rangeProblem } from "./range.js";
import { padded } from "./text.js";

/** Wall-clock time in the time zone that files are named in. */
export interface LocalTime {
  /** 0 … 9999 */
  readonly year: number;
  /** 1 … 12 */
  readonly month: number;
  /** 1 … 31 */
  readonly day: number;
  /** 0 … 23 */
  readonly hour: number;
  /** 0 … 59 */
  readonly minute: number;
  /** 0 … 59 */
  readonly second: number;
  /** 0 … 999 999 */
  readonly microsecond: number;
}

const RANGES = {
  year: [0, 9999],
  month: [1, 12],
  day: [1, 31],
  hour: [0, 23],
  minute: [0, 59],
  second: [0, 59],
  microsecond: [0, 999_999],
} as const satisfies Record<keyof LocalTime, readonly [number, number]>;

const ISO = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{6})$/;

/** What is wrong with a time, if anything. */
export function localTimeProblem(time: LocalTime): string | undefined {
  for (const [field, [min, max]] of Object.entries(RANGES)) {
    const problem = rangeProblem(`local.${field}`, time[field as keyof LocalTime], min, max);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** "2026-11-21" */
export function formatDate(time: LocalTime): string {
  return `${padded(time.year, 4)}-${padded(time.month, 2)}-${padded(time.day, 2)}`;
}

/** "22:01:02" */
export function formatTime(time: LocalTime): string {
  return `${padded(time.hour, 2)}:${padded(time.minute, 2)}:${padded(time.second, 2)}`;
}

/** "2026-11-21T22:01:02.123456" */
export function formatLocal(time: LocalTime): string {
  return `${formatDate(time)}T${formatTime(time)}.${padded(time.microsecond, 6)}`;
}

/** Inverse of {@link formatLocal}; undefined for any other text. */
export function parseLocal(text: string): LocalTime | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second, microsecond] = match.slice(1).map(Number);
  return { year, month, day, hour, minute, second, microsecond };
}

/** Samples since local midnight, rounded down so that the last microsecond stays within its day. */
export function samplesSinceMidnight(time: LocalTime, sampleRate: number): number {
  const seconds = (time.hour * 60 + time.minute) * 60 + time.second;
  return seconds * sampleRate + Math.floor((time.microsecond * sampleRate) / 1e6);
}
