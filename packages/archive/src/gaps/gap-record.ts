import { GAP_CAUSES, type Gap, type GapCause } from "@audio/segments";
import { type GapEvent, SOURCES, type Source } from "../events.js";

/** Audio that is missing, or silence in its place, as the gap ledger knows it. */
export interface GapRecord extends Gap {
  /** hwid or device name; undefined: the sender gave none, or too many devices had gaps at once to name them all. */
  readonly device: string | undefined;
  readonly source: Source;
  /** undefined: gaps of several streams stand in this record. */
  readonly streamId: number | undefined;
  /** Hz */
  readonly sampleRate: number;
  /** UTC, microseconds since the epoch: where the last missing sample frame ends. */
  readonly endUs: number;
  /** Microseconds of audio that are missing; less than from start to end when several gaps are joined. */
  readonly lengthUs: number;
  /** How many gaps: more than 1 when a stream had so many at once that they are told together. */
  readonly gaps: number;
}

/** What of a gap lies in one UTC day. */
export interface DayOfGap {
  /** `2026-11-21` */
  readonly day: string;
  readonly part: GapRecord;
  /** The gap as a whole when it lies in several days, else the same record. */
  readonly whole: GapRecord;
}

const DAY_US = 86_400_000_000;
// 9999-12-31T23:59:59.999Z: where dates of four digits end.
const LAST_US = 253_402_300_799_999 * 1000;
// A gap stands in the file of every day that it touches, so a clock set by decades must not make files for decades.
const MAX_DAYS = 400;

/** The UTC day of a time in microseconds since the epoch: `2026-11-21`. Times outside the years 1970 … 9999 count as the nearest one inside. */
export function dayOf(us: number): string {
  return new Date(Math.floor(within(us) / 1000)).toISOString().slice(0, 10);
}

/** A gap as the ledger keeps it. */
export function gapRecord({ stream, samples, cause, filled, ...gap }: GapEvent): GapRecord {
  const { device, source, streamId, sampleRate } = stream;
  const startUs = within(gap.startUs);
  const lengthUs = Math.round((samples * 1_000_000) / sampleRate);
  const endUs = startUs + lengthUs;
  return { device, source, streamId, startUs, endUs, lengthUs, samples, sampleRate, cause, filled, gaps: 1 };
}

/** Splits a gap at every midnight (UTC); the parts add up to it exactly. Days beyond the 400th are not named. */
export function* daysOf(whole: GapRecord): Generator<DayOfGap> {
  const first = Math.floor(whole.startUs / DAY_US);
  let startUs = whole.startUs;
  for (let n = 1; n <= MAX_DAYS && (n === 1 || startUs < whole.endUs); n++) {
    const endUs = Math.min(whole.endUs, (first + n) * DAY_US);
    yield { day: dayOf(startUs), whole, part: partOf(whole, startUs, endUs) };
    startUs = endUs;
  }
}

function partOf(whole: GapRecord, startUs: number, endUs: number): GapRecord {
  if (startUs === whole.startUs && endUs === whole.endUs) return whole;
  const samplesUntil = (us: number) => Math.round(((us - whole.startUs) / whole.lengthUs) * whole.samples);
  const samples = samplesUntil(endUs) - samplesUntil(startUs);
  return { ...whole, startUs, endUs, lengthUs: endUs - startUs, samples };
}

/** One line of a day's file, newline included. */
export function formatGapLine({ part, whole }: Omit<DayOfGap, "day">): string {
  const { startUs, endUs, samples } = whole;
  const of = whole === part ? undefined : { startUs, endUs, samples };
  return `${JSON.stringify({ ...part, of })}\n`;
}

/** The part and the whole of a gap that a line tells; undefined when it is none of ours. */
export function parseGapLine(line: string): Omit<DayOfGap, "day"> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined; // torn, or not ours
  }
  if (!isGapLine(value)) return undefined;
  const { device, source, streamId, startUs, endUs, lengthUs, samples, sampleRate, cause, filled, gaps, of } =
    value;
  const place = { startUs, endUs, lengthUs, samples };
  const part = { device, source, streamId, ...place, sampleRate, cause, filled, gaps };
  if (of === undefined) return { part, whole: part };
  return { part, whole: { ...part, ...of, lengthUs: of.endUs - of.startUs } };
}

interface GapLine extends GapRecord {
  readonly of?: Pick<GapRecord, "startUs" | "endUs" | "samples">;
}

function isGapLine(value: unknown): value is GapLine {
  if (typeof value !== "object" || value === null) return false;
  const line = value as Partial<Record<keyof GapLine, unknown>>;
  const numbers = [line.startUs, line.endUs, line.lengthUs, line.samples, line.sampleRate, line.gaps];
  return (
    numbers.every(Number.isFinite) &&
    GAP_CAUSES.includes(line.cause as GapCause) &&
    SOURCES.includes(line.source as Source) &&
    typeof line.filled === "boolean" &&
    ["string", "undefined"].includes(typeof line.device) &&
    ["number", "undefined"].includes(typeof line.streamId) &&
    (line.of === undefined || isRange(line.of))
  );
}

function isRange(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { startUs, endUs, samples } = value as Record<string, unknown>;
  return [startUs, endUs, samples].every(Number.isFinite);
}

function within(us: number): number {
  return Number.isNaN(us) ? 0 : Math.min(LAST_US, Math.max(0, us));
}
