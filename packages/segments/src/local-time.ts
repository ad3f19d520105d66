import { SegmentsError } from "./errors.js";

/** Wall time in a time zone. */
export interface LocalTime {
  readonly year: number;
  /** 1 … 12 */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
}

// Every zone of the tz database changes its offset on a multiple of 15 minutes UTC.
const OFFSET_HOLDS_MS = 900_000;
// No offset is larger, and no zone changes its offset twice within two of them.
const DAY_US = 86_400_000_000;

/** A time zone of the IANA database, and how far its clocks are from UTC at a given moment. */
export class TimeZone {
  /** The zone's name, e.g. `Europe/Vienna`. */
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  #cachedPeriod = Number.NaN;
  #cachedOffsetMs = 0;

  /**
   * @param name IANA name; without one, the system's zone.
   * @throws SegmentsError `unknown-time-zone`
   */
  constructor(name?: string) {
    this.#format = zoneFormat(name);
    this.name = this.#format.resolvedOptions().timeZone;
  }

  /** Local minus UTC, in microseconds, at `epochUs` (UTC, microseconds since the epoch). */
  offsetUs(epochUs: number): number {
    const period = Math.floor(epochUs / 1000 / OFFSET_HOLDS_MS);
    if (period !== this.#cachedPeriod) {
      this.#cachedOffsetMs = this.#offsetMs(period * OFFSET_HOLDS_MS);
      this.#cachedPeriod = period;
    }
    return this.#cachedOffsetMs * 1000;
  }

  /** The wall time at `epochUs` (UTC, microseconds since the epoch). */
  local(epochUs: number): LocalTime {
    const localUs = Math.floor(epochUs + this.offsetUs(epochUs));
    const date = new Date(Math.floor(localUs / 1000));
    return {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
      microsecond: localUs - Math.floor(localUs / 1_000_000) * 1_000_000,
    };
  }

  /**
   * The moments at which clocks in this zone show a wall time: one; two in the hour that comes twice when summer
   * time ends, the earlier first; none in the hour that is left out when it begins.
   * @param localUs what the clock shows, in microseconds since 1970-01-01 00:00 on the same clock
   * @returns UTC, microseconds since the epoch
   */
  moments(localUs: number): number[] {
    const offsets = [this.offsetUs(localUs - DAY_US), this.offsetUs(localUs + DAY_US)];
    const moments = [...new Set(offsets)].map((offset) => localUs - offset);
    return moments.filter((us) => us + this.offsetUs(us) === localUs).sort((a, b) => a - b);
  }

  #offsetMs(epochMs: number): number {
    const field: Record<string, number> = {};
    for (const part of this.#format.formatToParts(epochMs)) field[part.type] = Number(part.value);
    const local = Date.UTC(field.year, field.month - 1, field.day, field.hour, field.minute, field.second);
    return local - epochMs;
  }
}

function zoneFormat(name: string | undefined): Intl.DateTimeFormat {
  const fields = { year: "numeric", month: "numeric", day: "numeric" } as const;
  const clock = { hour: "numeric", minute: "numeric", second: "numeric", hourCycle: "h23" } as const;
  try {
    return new Intl.DateTimeFormat("en-US", { ...fields, ...clock, timeZone: name });
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const found = `time zone "${name}" is not in the IANA database`;
    throw new SegmentsError("unknown-time-zone", `${found}: write it like Europe/Vienna or UTC`);
  }
}
