import type { TimeZone } from "@audio/segments";
import { clockText } from "./clock.js";
import type { Span } from "./view.js";

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Distances between labels, and into how many parts unlabelled ticks divide each. */
const STEPS: readonly (readonly [stepUs: number, parts: number])[] = [
  [0.1 * SECOND, 5],
  [0.2 * SECOND, 4],
  [0.5 * SECOND, 5],
  [SECOND, 5],
  [2 * SECOND, 4],
  [5 * SECOND, 5],
  [10 * SECOND, 5],
  [15 * SECOND, 3],
  [30 * SECOND, 6],
  [MINUTE, 6],
  [2 * MINUTE, 4],
  [5 * MINUTE, 5],
  [10 * MINUTE, 5],
  [15 * MINUTE, 3],
  [30 * MINUTE, 6],
  [HOUR, 4],
  [2 * HOUR, 4],
  [3 * HOUR, 3],
  [6 * HOUR, 6],
];

/** Room that a label needs, in CSS pixels. */
const MINUTES_PX = 56;
const SECONDS_PX = 76;
const TENTHS_PX = 88;

/** The distance between labels in a view of a width, and into how many parts it is divided. */
export function tickStep(view: Span, width: number): readonly [stepUs: number, parts: number] {
  const usPerPx = (view.toUs - view.fromUs) / Math.max(1, width);
  return STEPS.find(([step]) => step >= roomFor(step) * usPerPx) ?? STEPS[STEPS.length - 1];
}

function roomFor(stepUs: number): number {
  if (stepUs >= MINUTE) return MINUTES_PX;
  return stepUs >= SECOND ? SECONDS_PX : TENTHS_PX;
}

/** What stands at a label: as exact as the distance between labels. */
export function tickLabel(zone: TimeZone, us: number, stepUs: number): string {
  const localUs = us + zone.offsetUs(us);
  const text = clockText(localUs - Math.floor(localUs / DAY) * DAY, stepUs < SECOND ? 1 : 0);
  return stepUs >= MINUTE ? text.slice(0, 5) : text;
}

/** The times in a stretch at which a clock of the zone shows multiples of a step, also where it is put forward or back. */
export function tickTimes(zone: TimeZone, { fromUs, toUs }: Span, stepUs: number): number[] {
  const times: number[] = [];
  for (let us = onStep(zone, fromUs, stepUs); us < toUs; ) {
    if (us >= fromUs) times.push(us);
    const next = onStep(zone, us + stepUs, stepUs);
    us = next > us ? next : next + stepUs;
  }
  return times;
}

/** The last moment, not after a time, at which the clock shows a multiple of the step. */
function onStep(zone: TimeZone, us: number, stepUs: number): number {
  const localUs = us + zone.offsetUs(us);
  return us - (localUs - Math.floor(localUs / stepUs) * stepUs);
}

/** The ticks around a view: made anew only when the view leaves them, so that a frame of a pan makes nothing. */
export class TickRow {
  readonly #zone: TimeZone;
  #covered: Span = { fromUs: 0, toUs: 0 };
  #stepUs = 0;
  /** Labelled ticks. */
  times: readonly number[] = [];
  labels: readonly string[] = [];
  /** Those between them. */
  between: readonly number[] = [];

  constructor(zone: TimeZone) {
    this.#zone = zone;
  }

  /** Makes the ticks be those of a view. */
  follow(view: Span, width: number): void {
    const [stepUs, parts] = tickStep(view, width);
    const isCovered = view.fromUs >= this.#covered.fromUs && view.toUs <= this.#covered.toUs;
    if (stepUs === this.#stepUs && isCovered) return;
    const length = view.toUs - view.fromUs;
    this.#covered = { fromUs: view.fromUs - length, toUs: view.toUs + length };
    this.#stepUs = stepUs;
    this.times = tickTimes(this.#zone, this.#covered, stepUs);
    this.labels = this.times.map((us) => tickLabel(this.#zone, us, stepUs));
    this.between = tickTimes(this.#zone, this.#covered, stepUs / parts);
  }
}
