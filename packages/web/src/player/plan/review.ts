import type { Span } from "./windows.js";

/** A sound event, as far as a review needs it. */
export interface Heard {
  readonly startUs: number;
  readonly endUs: number;
}

/** One stop of a review: a sound, or several that lie close together, with some time around them. */
export interface Stop extends Span {
  /** Number of its first sound, from 0. */
  readonly index: number;
}

/** Heard before and after each sound, so that one knows where one is. */
export const AROUND_US = 1_000_000;

/**
 * The stops of a review in their order: each sound with `aroundUs` before and after it; what overlaps then is one stop.
 * @param sounds in any order
 */
export function reviewStops(sounds: readonly Heard[], aroundUs = AROUND_US): Stop[] {
  const sorted = [...sounds].sort((a, b) => a.startUs - b.startUs);
  const stops: { fromUs: number; toUs: number; index: number }[] = [];
  for (const [index, { startUs, endUs }] of sorted.entries()) {
    const last = stops.at(-1);
    if (last !== undefined && startUs - aroundUs <= last.toUs)
      last.toUs = Math.max(last.toUs, endUs + aroundUs);
    else stops.push({ fromUs: startUs - aroundUs, toUs: endUs + aroundUs, index });
  }
  return stops;
}

/** How many of the sounds have begun at `us`: what "n of m" says; at least 1 within the first stop. */
export function soundAt(sounds: readonly Heard[], us: number, aroundUs = AROUND_US): number {
  return sounds.filter(({ startUs }) => startUs - aroundUs <= us).length;
}
