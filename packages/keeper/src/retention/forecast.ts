import type { Catalogue } from "@audio/archive";

/** How long the disk lasts at the rate of the last minutes. */
export interface Forecast {
  /** Bytes a second by which recordings grew, those that retention deleted meanwhile not deducted; undefined = not known yet. */
  readonly bytesPerSecond: number | undefined;
  /** Hours until recording would stop for lack of space, were nothing deleted; undefined = never, or not known. */
  readonly hoursLeft: number | undefined;
}

// Long enough to hold some segments of every stream, as they are finished one by one.
const WINDOW_MS = 10 * 60_000;
const SHORTEST_MS = 60_000;
const SAMPLE_MS = 10_000;

/** Measures how fast recordings grow. */
export class GrowthMeter {
  #samples: { readonly atMs: number; readonly bytes: number }[] = [];

  /** There are `bytes` now, what was deleted since the first call included; more often than every 10 s = no change. */
  sample(atMs: number, bytes: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && atMs >= last.atMs && atMs - last.atMs < SAMPLE_MS) return;
    // A clock that was set back begins anew.
    const recent = this.#samples.filter((sample) => sample.atMs <= atMs && atMs - sample.atMs <= WINDOW_MS);
    this.#samples = [...recent, { atMs, bytes }];
  }

  /** Bytes a second over up to ten minutes, never negative; undefined before it has seen one minute. */
  get bytesPerSecond(): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || last.atMs - first.atMs < SHORTEST_MS) return undefined;
    return Math.max(0, ((last.bytes - first.bytes) * 1000) / (last.atMs - first.atMs));
  }

  /** What was measured so far counts for nothing. */
  reset(): void {
    this.#samples = [];
  }
}

/**
 * Hours until less than `minFreeBytes` of a disk is free, at which recording stops; undefined when nothing is recorded.
 */
export function hoursLeft(
  freeBytes: number,
  minFreeBytes: number,
  bytesPerSecond: number | undefined,
): number | undefined {
  if (bytesPerSecond === undefined || bytesPerSecond <= 0) return undefined;
  return Math.max(0, freeBytes - minFreeBytes) / bytesPerSecond / 3600;
}

/** A forecast as a running receiver has left it in the catalogue, for whoever asks without it. */
export interface MarkedForecast extends Forecast {
  readonly freeBytes: number;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

const MARK = "forecast";

export function markForecast({ notes }: Catalogue, forecast: MarkedForecast): void {
  notes.setMark(MARK, JSON.stringify(forecast));
}

/** The last one, made at most 10 s before the receiver ended; undefined = there is none. */
export function markedForecast({ notes }: Catalogue): MarkedForecast | undefined {
  const mark = notes.mark(MARK);
  return mark === undefined ? undefined : (JSON.parse(mark) as MarkedForecast);
}
