import type { Gap, Sound } from "@audio/api";
import { dbfsOf, durationOf, signed } from "../../../parts/words.js";
import { clockOf, type Precision } from "../../../parts/zoned.js";
import type { Lane, Where } from "../lanes/lane.js";
import { recordedUs } from "../lanes/lane.js";
import type { Span } from "../time/view.js";
import type { Pointed } from "./day-model.js";

/** Why audio is missing, for people. */
const CAUSES: Readonly<Record<string, string>> = {
  "lost-frames": "it was lost on the way",
  disconnected: "the device was not connected",
  "disk-full": "the disk was full",
  "server-restart": "the receiver was not running",
  overload: "the disk was too slow",
};

const PLACES: Readonly<Record<Where, string>> = {
  local: "recorded",
  remote: "recorded; only in the bucket",
  recording: "being recorded",
};

/** `03:12:05–03:40:00 (27 min 55 s)` */
export function stretchText(fromUs: number, toUs: number, zone: string): string {
  const precision: Precision = toUs - fromUs < 10_000_000 ? "millisecond" : "second";
  const from = clockOf(fromUs, zone, precision);
  return `${from}–${clockOf(toUs, zone, precision)} (${durationOf(toUs - fromUs)})`;
}

/** A gap: when, how long, why. */
export function gapText(gap: Gap, zone: string): string {
  const why = CAUSES[gap.cause] ?? gap.cause;
  const many = gap.gaps > 1 ? `${gap.gaps} times, ${durationOf(gap.lengthUs)} in all: ` : "";
  const silence = gap.filled ? "; silence stands in its place" : "";
  return `Missing ${stretchText(gap.startUs, gap.endUs, zone)}: ${many}${why}${silence}`;
}

/** A sound: when, how loud. */
export function soundText(sound: Sound, zone: string): string {
  const above = `${signed(sound.score, 0)} dB above the background`;
  return `Sound ${stretchText(sound.startUs, sound.endUs, zone)}, peak ${dbfsOf(sound.peakDbfs)}, ${above}`;
}

/** What is at a place, a line for each thing; the most exact first. */
export function linesAt({ level, where, gap, sound, pin, note }: Pointed, zone: string): string[] {
  const lines = [
    level && `RMS ${dbfsOf(level.rms)}, peak ${dbfsOf(level.peak)}`,
    gap ? gapText(gap, zone) : where === undefined ? "not recorded" : PLACES[where],
    sound && soundText(sound, zone),
    pin && `Pinned ${stretchText(pin.fromUs, pin.toUs, zone)}${pin.note ? `: ${pin.note}` : ""}`,
    note && `${note.author}: ${note.text}`,
  ];
  return lines.filter((line) => line !== undefined);
}

/** How fine a time is told in a view of a width. */
export function precisionOf({ fromUs, toUs }: Span): Precision {
  return toUs - fromUs < 600_000_000 ? "millisecond" : "second";
}

/** A lane in words: for who does not see it. */
export function summaryOf(lane: Lane, { fromUs, toUs }: Span): string {
  const recorded = recordedUs(lane, fromUs, toUs);
  if (recorded === 0) return "nothing recorded";
  const count = (many: number, one: string) => `${many} ${one}${many === 1 ? "" : "s"}`;
  return `${durationOf(recorded)} recorded, ${count(lane.gaps.length, "gap")}, ${count(lane.sounds.length, "sound event")}`;
}
