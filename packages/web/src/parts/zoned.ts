/** Times in the receiver's time zone. All are microseconds of UTC since 1970. */

const formats = new Map<string, Intl.DateTimeFormat>();

// Making one takes a hundred times as long as using it.
function formatOf(zone: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${name} ${zone}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone });
  formats.set(key, made);
  return made;
}

export type Precision = "minute" | "second" | "millisecond";

const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
const CLOCKS: Readonly<Record<Precision, Intl.DateTimeFormatOptions>> = {
  minute: CLOCK,
  second: { ...CLOCK, second: "2-digit" },
  millisecond: { ...CLOCK, second: "2-digit", fractionalSecondDigits: 3 },
};

/** Time of day: `03:17`, `03:17:05`, `03:17:05.250`. */
export function clockOf(us: number, zone: string, precision: Precision = "second"): string {
  return formatOf(zone, precision, CLOCKS[precision]).format(Math.floor(us / 1000));
}

/** Date, as addresses have it: `2026-11-17`. */
export function dateOf(us: number, zone: string): string {
  const parts = formatOf(zone, "date", {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  }).formatToParts(Math.floor(us / 1000));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((each) => each.type === type)?.value ?? "";
  return `${part("year").padStart(4, "0")}-${part("month")}-${part("day")}`;
}

/** Date, as people read it: `Tue 17 Nov 2026`. */
export function dayOf(us: number, zone: string): string {
  const options = { weekday: "short", day: "numeric", month: "short", year: "numeric" } as const;
  return formatOf(zone, "day", options)
    .format(Math.floor(us / 1000))
    .replace(",", "");
}

/** Name of the zone at that time: `CET`, `GMT-5`, `UTC`. */
export function zoneOf(us: number, zone: string): string {
  const parts = formatOf(zone, "zone", { timeZoneName: "short" }).formatToParts(Math.floor(us / 1000));
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? zone;
}

/** All of it: `Tue 17 Nov 2026, 03:17:05.250 CET`. */
export function exactOf(us: number, zone: string, precision: Precision = "millisecond"): string {
  return `${dayOf(us, zone)}, ${clockOf(us, zone, precision)} ${zoneOf(us, zone)}`;
}

/** The address of a moment on its day's page: its device, with the playhead on it. */
export function momentPath(us: number, zone: string, devices: readonly string[]): string {
  const query = new URLSearchParams(devices.map((device) => ["device", device]));
  query.set("at", clockOf(us, zone, "millisecond"));
  return `/date/${dateOf(us, zone)}?${query.toString().replaceAll("%3A", ":")}`;
}

export interface NamedDay {
  /** `2026-11-17` */
  readonly date: string;
  /** `Tue` */
  readonly weekday: string;
  /** `17` */
  readonly number: string;
  /** `Tuesday 17 November` */
  readonly name: string;
}

const DAY_MS = 24 * 3600 * 1000;

/**
 * The days up to the one that a time is in, oldest first.
 * @param count how many, at least 1
 */
export function lastDays(us: number, zone: string, count: number): NamedDay[] {
  const today = Date.parse(`${dateOf(us, zone)}T00:00:00Z`); // days of the calendar, which have no zone
  return Array.from({ length: count }, (_, i) => namedDay(today - (count - 1 - i) * DAY_MS));
}

function namedDay(ms: number): NamedDay {
  const options = { weekday: "long", day: "numeric", month: "long" } as const;
  const name = formatOf("UTC", "long", options).format(ms).replace(",", "");
  const date = new Date(ms).toISOString().slice(0, 10);
  return { date, weekday: name.slice(0, 3), number: String(Number(date.slice(8))), name };
}
