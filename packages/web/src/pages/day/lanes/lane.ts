import type { DeviceTimeline, Gap, Note, Pin, Sound } from "@audio/api";
import type { Span } from "../time/view.js";

/** Where a stretch of recordings lies. */
export type Where = DeviceTimeline["stretches"][number][2];

/** Everything that one row shows. Each list is in the order of its beginnings. */
export interface Lane {
  readonly device: string;
  /** How people call it. */
  readonly label: string;
  /** Number of the device in the level store. */
  readonly index: number;
  /** [start, end, where], UTC in microseconds. */
  readonly stretches: DeviceTimeline["stretches"];
  readonly gaps: readonly Gap[];
  readonly sounds: readonly Sound[];
  readonly pins: readonly Pin[];
  readonly notes: readonly Note[];
}

/** What of a lane is at a time. */
export interface AtTime {
  readonly where: Where | undefined;
  readonly gap: Gap | undefined;
  readonly sound: Sound | undefined;
  readonly pin: Pin | undefined;
  readonly note: Note | undefined;
}

interface Stretch {
  readonly startUs: number;
  readonly endUs: number;
}

/**
 * What of a lane is at a time, or no farther from it than `nearUs`, for marks that are narrower than a finger.
 * Where several are, what is nearest; of equals the shortest, which can be met nowhere else.
 */
export function whatIsAt(lane: Lane, us: number, nearUs: number): AtTime {
  const stretch = lane.stretches.find(([startUs, endUs]) => us >= startUs && us < endUs);
  return {
    where: stretch?.[2],
    gap: nearest(lane.gaps, us, nearUs),
    sound: nearest(lane.sounds, us, nearUs),
    pin: nearest(lane.pins.map(marked), us, nearUs)?.mark,
    note: nearest(lane.notes.map(marked), us, nearUs)?.mark,
  };
}

const marked = <Mark extends Pin | Note>(mark: Mark) => ({ startUs: mark.fromUs, endUs: mark.toUs, mark });

function nearest<Of extends Stretch>(all: readonly Of[], us: number, nearUs: number): Of | undefined {
  let found: Of | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const each of all) {
    const distance = Math.max(each.startUs - us, us - each.endUs, 0);
    const isNearer =
      distance < least || (distance === least && found !== undefined && lengthOf(each) < lengthOf(found));
    if (distance > nearUs || !isNearer) continue;
    found = each;
    least = distance;
  }
  return found;
}

const lengthOf = ({ startUs, endUs }: Stretch) => endUs - startUs;

/** The first that begins after a time, or the last that begins before it; undefined: there is none. */
export function neighbour<Of extends Stretch>(
  all: readonly Of[],
  us: number,
  direction: "next" | "previous",
): Of | undefined {
  if (direction === "next") return all.find(({ startUs }) => startUs > us);
  const behind = all.findIndex(({ startUs }) => startUs >= us);
  return all.at(behind < 0 ? -1 : behind - 1 - all.length); // at(-1 - length) is nothing
}

const SECOND_US = 1_000_000;
/** What comes within it of what came before is of the same stretch: gaps are told of by themselves. */
const SAME_STRETCH_US = 5 * SECOND_US;
const MOST_PIECES = 20;

/** What was heard of a device since the page is open, with one more second of it. */
export function grown(heard: readonly Span[], endUs: number): readonly Span[] {
  const last = heard.at(-1);
  if (last !== undefined && endUs <= last.toUs) return heard;
  if (last !== undefined && endUs - last.toUs < SAME_STRETCH_US)
    return [...heard.slice(0, -1), { fromUs: last.fromUs, toUs: endUs }];
  return [...heard, { fromUs: endUs - SECOND_US, toUs: endUs }].slice(-MOST_PIECES);
}

/** Stretches with what was heard since they were asked for. */
export function extended(stretches: Lane["stretches"], heard: readonly Span[]): Lane["stretches"] {
  const all = [...stretches];
  for (const { fromUs, toUs } of heard) {
    const last = all.at(-1);
    if (last !== undefined && toUs <= last[1]) continue;
    const isSame = last !== undefined && fromUs <= last[1] + SAME_STRETCH_US;
    if (isSame) all[all.length - 1] = [last[0], toUs, "recording"];
    else all.push([fromUs, toUs, "recording"]);
  }
  return all;
}

/** How much of a stretch of time is recorded, in microseconds. */
export function recordedUs({ stretches }: Lane, fromUs: number, toUs: number): number {
  return stretches.reduce(
    (sum, [startUs, endUs]) => sum + Math.max(0, Math.min(endUs, toUs) - Math.max(startUs, fromUs)),
    0,
  );
}
