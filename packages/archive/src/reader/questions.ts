import type { Connection, ConnectionQuery } from "../catalogue/connections.js";
import type { DeviceSummary } from "../catalogue/devices.js";
import type { CataloguedGapQuery } from "../catalogue/gaps.js";
import type { Segment, SegmentForm } from "../catalogue/segment.js";
import type { SegmentQuery } from "../catalogue/segments.js";
import type { SoundEvent, SoundQuery } from "../catalogue/sounds.js";
import type { GapRecord } from "../gaps/gap-record.js";
import type { RangeReport, TimeRange } from "./days.js";
import type { LevelsQuery } from "./levels.js";
import type { Stretch } from "./stretches.js";
import type { Totals, TotalsQuery } from "./totals.js";

/** What the reader's thread can be asked, and what it answers: plain values that cross threads. */
export interface ArchiveQuestions {
  /** Segments with their forms, without their tracks; at most 1000 unless told. */
  segments(query: SegmentQuery): Segment[];
  /** See `Segments.named`. */
  segmentsNamed(name: string, fromUs: number, toUs: number): Segment[];
  /** The forms of the segment with this stem; none when it is not known. */
  formsOf(stem: string): readonly SegmentForm[];
  /** Devices that have segments, by name. */
  devices(): DeviceSummary[];
  /** In order of their start. */
  gaps(query: CataloguedGapQuery): GapRecord[];
  /** In order of their start. */
  sounds(query: SoundQuery): SoundEvent[];
  /** Latest first. */
  connections(query: ConnectionQuery): Connection[];
  /** Names of devices that have segments; undefined: senders that gave none. */
  deviceNames(): (string | undefined)[];
  /** Where something was recorded; see `mergeStretches`. */
  stretches(query: StretchQuery): Stretch[];
  /** Peaks, then RMS: a byte for each point, half decibels above −120 dBFS, 255 = nothing. */
  levels(query: LevelsQuery): Uint8Array;
  /** Those of the ranges in which there is something. */
  days(device: string | null, ranges: readonly TimeRange[]): RangeReport[];
  /** How much there is: segments, time, bytes. */
  totals(query: TotalsQuery): Totals;
}

/** Which stretches. */
export interface StretchQuery extends TimeRange {
  /** Null: senders without a name. */
  readonly device: string | null;
  /** What follows within so many microseconds is one. */
  readonly toleranceUs: number;
}

/** The name of a question that the thread answers. */
export type QuestionName = keyof ArchiveQuestions;

/** Every question, by name. */
export const QUESTIONS = [
  "segments",
  "segmentsNamed",
  "formsOf",
  "devices",
  "gaps",
  "sounds",
  "connections",
  "deviceNames",
  "stretches",
  "levels",
  "days",
  "totals",
] as const satisfies QuestionName[];
