import type { TimeRange } from "@audio/archive";
import type { TimeZone } from "@audio/segments";
import { dayOf } from "./audio/day.js";
import { dateAt, daysOfMonth, type LocalDay } from "./local-days.js";

/** A day or a month that somebody means. */
export interface FoundDate extends TimeRange {
  /** `Tuesday, 2026-11-17` or `November 2026` */
  readonly title: string;
  /** Null: it is no day. */
  readonly date: string | null;
}

const MONTHS = "january february march april may june july august september october november december".split(
  " ",
);
const WEEKDAYS = "sunday monday tuesday wednesday thursday friday saturday".split(" ");
const DAY_US = 86_400_000_000;
const SHORTEST_WORD = 3;

/**
 * The days and months that somebody may mean: 2026-11-17, 17.11.2026, 17.11., yesterday, tuesday (the last one),
 * november (the last one), november 2026, 17 november, nov 17 2026. What lies in the future is not meant.
 * @param nowUs UTC, microseconds since the epoch
 */
export function datesIn(text: string, zone: TimeZone, nowUs: number): FoundDate[] {
  const words = text.toLowerCase().replace(/,/g, " ").trim().split(/\s+/);
  const found = dayIn(words, zone, nowUs) ?? monthIn(words, zone, nowUs);
  return found === undefined || found.fromUs > nowUs ? [] : [found];
}

function dayIn(words: readonly string[], zone: TimeZone, nowUs: number): FoundDate | undefined {
  const [word] = words;
  const today = dateAt(nowUs, zone);
  if (words.length > 1) return dayOfMonthIn(words, zone, today);
  if (word === "today") return shownDay(today, zone);
  if (word === "yesterday") return shownDay(daysBefore(today, 1), zone);
  const weekday = numberOf(word, WEEKDAYS);
  if (weekday !== undefined) {
    const ago = (weekdayOf(today) - weekday + 7) % 7 || 7;
    return shownDay(daysBefore(today, ago), zone);
  }
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(word);
  if (iso !== null) return shownDay(dateOf(iso[1], iso[2], iso[3]), zone);
  const dotted = /^(\d{1,2})\.(\d{1,2})\.(\d{4})?$/.exec(word);
  return dotted === null ? undefined : lastDay(dotted[3], dotted[2], dotted[1], zone, today);
}

// 17 november, november 17, 17 nov 2026
function dayOfMonthIn(words: readonly string[], zone: TimeZone, today: string): FoundDate | undefined {
  const month = words.map((word) => numberOf(word, MONTHS)).find((number) => number !== undefined);
  const day = words.find((word) => /^\d{1,2}(\.|st|nd|rd|th)?$/.test(word));
  const year = words.find((word) => /^\d{4}$/.test(word));
  if (month === undefined || day === undefined || words.length > 3) return undefined;
  return lastDay(year, String(month + 1), String(Number.parseInt(day, 10)), zone, today);
}

function monthIn(words: readonly string[], zone: TimeZone, nowUs: number): FoundDate | undefined {
  const [word, year] = words;
  const iso = /^(\d{4})-(\d{2})$/.exec(word);
  if (iso !== null && words.length === 1) return shownMonth(iso[1], Number(iso[2]) - 1, zone);
  const month = numberOf(word, MONTHS);
  if (month === undefined || words.length > 2 || (year !== undefined && !/^\d{4}$/.test(year)))
    return undefined;
  if (year !== undefined) return shownMonth(year, month, zone);
  const { year: thisYear, month: thisMonth } = zone.local(nowUs);
  return shownMonth(String(month < thisMonth ? thisYear : thisYear - 1), month, zone);
}

// Without a year the last one that has come.
function lastDay(
  year: string | undefined,
  month: string,
  day: string,
  zone: TimeZone,
  today: string,
): FoundDate | undefined {
  if (year !== undefined) return shownDay(dateOf(year, month, day), zone);
  const thisYear = dateOf(today.slice(0, 4), month, day);
  const date = thisYear <= today ? thisYear : dateOf(String(Number(today.slice(0, 4)) - 1), month, day);
  return shownDay(date, zone);
}

function shownDay(date: string, zone: TimeZone): FoundDate | undefined {
  const day = dayOf(date, zone);
  if (day === undefined) return undefined;
  return { ...day, date, title: `${capital(WEEKDAYS[weekdayOf(date)])}, ${date}` };
}

function shownMonth(year: string, month: number, zone: TimeZone): FoundDate | undefined {
  const days = daysOfMonth(`${year}-${String(month + 1).padStart(2, "0")}`, zone);
  if (days.length === 0) return undefined;
  const last = days.at(-1) as LocalDay;
  return {
    fromUs: days[0].fromUs,
    toUs: last.toUs,
    date: null,
    title: `${capital(MONTHS[month])} ${year}`,
  };
}

// `tue` is enough for tuesday.
function numberOf(word: string, names: readonly string[]): number | undefined {
  if (word.length < SHORTEST_WORD) return undefined;
  const at = names.findIndex((name) => name.startsWith(word));
  return at < 0 ? undefined : at;
}

function dateOf(year: string, month: string, day: string): string {
  return [year, month.padStart(2, "0"), day.padStart(2, "0")].join("-");
}

function daysBefore(date: string, days: number): string {
  return new Date(Date.parse(date) - (days * DAY_US) / 1000).toISOString().slice(0, 10);
}

function weekdayOf(date: string): number {
  return new Date(date).getUTCDay();
}

function capital(word: string): string {
  return `${word[0].toUpperCase()}${word.slice(1)}`;
}
