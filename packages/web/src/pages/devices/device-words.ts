import { countOf, rateOf } from "../../parts/words.js";
import type { Device } from "../../server/devices.js";

/** Format and way of the last segment: `16 kHz mono, 16 bit, websocket`. */
export function formatWords({ format, source }: Pick<Device, "format" | "source">): string {
  if (format === null) return "–";
  const { sampleRate, channels, bitsPerSample } = format;
  const layout = channels === 1 ? "mono" : channels === 2 ? "stereo" : countOf(channels, "channel");
  return `${rateOf(sampleRate)} ${layout}, ${bitsPerSample} bit${source === null ? "" : `, ${source}`}`;
}

/** How long its recordings are kept. */
export function retentionWords({ keep, maxAgeDays, maxGb }: Device["retention"]): string {
  if (keep) return "for ever";
  const limits = [
    maxAgeDays !== null && `for ${countOf(maxAgeDays, "day")}`,
    maxGb !== null && `up to ${maxGb}\u00a0GB`,
  ].filter((limit) => limit !== false);
  return limits.length === 0 ? "while there is room" : limits.join(", ");
}

const BY_NAME = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Devices that have every word in their label, name, group or token, by group and name. */
export function findDevices(devices: readonly Device[], text: string): Device[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return devices
    .filter(({ device, label, group, token }) => {
      const told = `${label} ${device} ${group} ${token ?? ""}`.toLowerCase();
      return words.every((word) => told.includes(word));
    })
    .sort((a, b) => BY_NAME.compare(a.group || "\uffff", b.group || "\uffff") || byName(a, b));
}

function byName(a: Device, b: Device): number {
  return BY_NAME.compare(a.label || a.device, b.label || b.device);
}

export interface CauseTotal {
  readonly cause: string;
  readonly gaps: number;
  readonly lengthUs: number;
}

interface GapLike {
  readonly cause: string;
  readonly gaps: number;
  readonly lengthUs: number;
}

/** What is missing, by its cause; the cause that took most comes first. */
export function gapsByCause(gaps: readonly GapLike[]): CauseTotal[] {
  const totals = new Map<string, CauseTotal>();
  for (const { cause, gaps: count, lengthUs } of gaps) {
    const before = totals.get(cause) ?? { cause, gaps: 0, lengthUs: 0 };
    totals.set(cause, { cause, gaps: before.gaps + count, lengthUs: before.lengthUs + lengthUs });
  }
  return [...totals.values()].sort((a, b) => b.lengthUs - a.lengthUs);
}

/** The months, as `GET /days` wants them, that the days up to one touch: at most two for 30 days. */
export function monthsOf(dates: readonly string[]): string[] {
  return [...new Set(dates.map((date) => date.slice(0, 7)))];
}

export interface Piece {
  /** Share of the range, 0 … 1. */
  readonly from: number;
  readonly to: number;
}

/** Where a stretch lies in a range; undefined outside of it. */
export function pieceOf(startUs: number, endUs: number, fromUs: number, toUs: number): Piece | undefined {
  const from = Math.max(0, (startUs - fromUs) / (toUs - fromUs));
  const to = Math.min(1, (endUs - fromUs) / (toUs - fromUs));
  return to <= from ? undefined : { from, to };
}

interface ConnectionLike {
  readonly streamId: number;
  readonly closedUs: number | null;
}

/** Those that last: of each stream that is connected, its latest connection. */
export function openOf<Connection extends ConnectionLike>(
  latestFirst: readonly Connection[],
  streams: readonly { readonly streamId: number }[],
): ReadonlySet<Connection> {
  const found = streams.map(({ streamId }) => latestFirst.find((each) => each.streamId === streamId));
  return new Set(found.filter((connection) => connection?.closedUs === null) as Connection[]);
}
