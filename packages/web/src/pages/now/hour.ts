import { NOTHING } from "../../parts/loudness.js";

/** Values of an hour. */
export const POINTS = 120;
/** Time of each, microseconds. */
export const POINT_US = 30_000_000;

/** Loudest moments of the last hour of a device, half a minute each; the last one still grows. */
export class Hour {
  /** Bytes of loudness, as in `GET /levels`. */
  readonly peaks: Uint8Array = new Uint8Array(POINTS).fill(NOTHING);
  #last = 0;

  /** Number of the last half minute since 1970. */
  get last(): number {
    return this.#last;
  }

  /** Moves on to a time; what is older than an hour is forgotten. Returns whether it did. */
  moveTo(us: number): boolean {
    const last = Math.floor(us / POINT_US);
    const steps = last - this.#last;
    if (steps <= 0) return false;
    this.peaks.copyWithin(0, Math.min(steps, POINTS));
    this.peaks.fill(NOTHING, Math.max(0, POINTS - steps));
    this.#last = last;
    return true;
  }

  /** Takes a peak in. Returns whether anything is louder than it was. */
  put(us: number, peak: number): boolean {
    const moved = this.moveTo(us);
    const index = POINTS - 1 - (this.#last - Math.floor(us / POINT_US));
    if (peak === NOTHING || index < 0) return moved;
    if (this.peaks[index] !== NOTHING && this.peaks[index] >= peak) return moved;
    this.peaks[index] = peak;
    return true;
  }
}

/** The range to ask for: whole half minutes, the one that a time is in last. */
export function hourBefore(us: number): { readonly fromUs: number; readonly toUs: number } {
  const toUs = (Math.floor(us / POINT_US) + 1) * POINT_US;
  return { fromUs: toUs - POINTS * POINT_US, toUs };
}
