import type { TimeZone } from "@audio/segments";
import { addDays, midnight, momentOf } from "./local-day.js";

const MS = 1000;
const MINUTE_US = 60_000_000;
const DAY_US = 86_400_000_000;

const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,3}))?)?([+-]\d{2}:\d{2})?$/;

/** Two digits. */
const two = (number: number) => String(number).padStart(2, "0");

/** `03:17:05.250` of microseconds since midnight on a clock. */
export function clockText(sinceMidnightUs: number, decimals: 0 | 1 | 3 = 3): string {
  const ms = Math.floor(sinceMidnightUs / MS);
  const whole = `${two(Math.floor(ms / 3_600_000))}:${two(Math.floor(ms / 60_000) % 60)}:${two(Math.floor(ms / 1000) % 60)}`;
  if (decimals === 0) return whole;
  return `${whole}.${String(ms % 1000)
    .padStart(3, "0")
    .slice(0, decimals)}`;
}

/**
 * A time of a day, for an address: `03:17:05.250`; with its offset (`02:30:00.000+01:00`) where the clock shows it
 * twice; `24:00:00.000` for the end of the day.
 */
export function formatMoment(zone: TimeZone, date: string, us: number): string {
  const localUs = us + zone.offsetUs(us);
  const text = clockText(localUs - midnight(date));
  const isTwice = zone.moments(Math.floor(localUs / MS) * MS).length > 1;
  return isTwice ? text + offsetText(zone.offsetUs(us)) : text;
}

/** The moment of a date at which a clock shows a time as `formatMoment` writes it, or people do; undefined: it is none. */
export function parseMoment(zone: TimeZone, date: string, text: string): number | undefined {
  const [, hour, minute, second = "0", fraction = "", offset] = CLOCK.exec(text) ?? [];
  if (hour === undefined) return undefined;
  const ms = Number(fraction.padEnd(3, "0"));
  const sinceMidnight = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1_000_000 + ms * MS;
  if (Number(minute) > 59 || Number(second) > 59 || sinceMidnight > DAY_US) return undefined;
  if (sinceMidnight === DAY_US) return momentOf(zone, midnight(addDays(date, 1)));
  const localUs = midnight(date) + sinceMidnight;
  return offset === undefined ? momentOf(zone, localUs) : localUs - offsetOf(offset);
}

/** What people type to go to a time: `3`, `0317`, `3:17`, `03:17:05.5`, `3.17`; undefined: it is none. */
export function parseTyped(zone: TimeZone, date: string, typed: string): number | undefined {
  const text = typed.trim();
  if (/^\d{1,2}$/.test(text)) return parseMoment(zone, date, `${text}:00`);
  if (/^\d{3,4}$/.test(text)) return parseMoment(zone, date, `${text.slice(0, -2)}:${text.slice(-2)}`);
  if (/^\d{6}$/.test(text))
    return parseMoment(zone, date, `${text.slice(0, 2)}:${text.slice(2, 4)}:${text.slice(4)}`);
  return parseMoment(zone, date, text.replace(/^(\d{1,2})[.h](\d{2})$/, "$1:$2"));
}

function offsetText(offsetUs: number): string {
  const minutes = Math.abs(offsetUs) / MINUTE_US;
  return `${offsetUs < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(Math.floor(minutes) % 60)}`;
}

function offsetOf(text: string): number {
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(4));
  return (text.startsWith("-") ? -minutes : minutes) * MINUTE_US;
}
