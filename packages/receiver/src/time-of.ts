import type { TimeZone } from "@audio/segments";
import { ReceiverError } from "./errors.js";

const UNITS_US: Readonly<Record<string, number>> = {
  s: 1_000_000,
  m: 60_000_000,
  h: 3_600_000_000,
  d: 86_400_000_000,
};
const AGO = /^-(\d{1,6})([smhd])$/;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$/;
const ALLOWED =
  "a date (2026-11-20), a time (2026-11-20T18:00 or 18:00:05.25, with Z or +01:00 if it is not local), or so long ago (-30m, -2h, -7d)";

/**
 * The time that a person means, UTC in microseconds since the epoch: a date, a time, or `-2h`. Without an offset it
 * is wall time in `zone`.
 * @param day which end of it a date alone means
 * @throws ReceiverError `invalid-setting`
 */
export function timeOf(
  text: string,
  { option, zone, nowUs, day }: { option: string; zone: TimeZone; nowUs: number; day: "start" | "end" },
): number {
  const ago = AGO.exec(text);
  if (ago !== null) return nowUs - Number(ago[1]) * UNITS_US[ago[2]];
  const us = DATE.test(text) ? dateOf(text, zone, day === "end" ? 1 : 0) : dateTimeOf(text, zone);
  if (us !== undefined) return us;
  throw new ReceiverError("invalid-setting", `${option}: "${text}" is not allowed; allowed is ${ALLOWED}`);
}

function dateOf(text: string, zone: TimeZone, daysLater: number): number | undefined {
  const startMs = utcMs(text, "00:00:00");
  return startMs === undefined ? undefined : inZone(startMs + daysLater * 86_400_000, zone);
}

function dateTimeOf(text: string, zone: TimeZone): number | undefined {
  const parts = DATE_TIME.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second = "00", fraction = "", offset] = parts;
  const ms = utcMs(`${year}-${month}-${day}`, `${hour}:${minute}:${second}`);
  if (ms === undefined) return undefined;
  const us = offset === undefined ? inZone(ms, zone) : (ms - offsetMs(offset)) * 1000;
  return us + Math.round(Number(`0${fraction}`) * 1_000_000);
}

// Date takes the 31st of February for the 3rd of March.
function utcMs(date: string, time: string): number | undefined {
  const ms = Date.parse(`${date}T${time}Z`);
  return Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(date) ? undefined : ms;
}

function offsetMs(offset: string): number {
  if (offset === "Z") return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6));
  return (offset.startsWith("-") ? -minutes : minutes) * 60_000;
}

// The offset at the wall time taken for UTC is the right one, but near a change of it; there the second look is.
function inZone(localMs: number, zone: TimeZone): number {
  const localUs = localMs * 1000;
  return localUs - zone.offsetUs(localUs - zone.offsetUs(localUs));
}
