import { byteDbfs, countWindows, isHeard, peakAt, rmsOf, WINDOWS_PER_SECOND } from "../track.js";
import type { SoundEventOptions } from "./options.js";
import type { BackgroundState } from "./state.js";

/** Seconds received that a background is first made of. */
const FIRST_SECONDS = 10;

/** Seconds until a background moves no faster than the options say. */
const SETTLED_SECONDS = 60;

/**
 * A slow running quantile of what a device hears: it rises by so much while there is more, and falls by so much while
 * there is less, so it comes to rest where the share of windows below it is rise / (rise + fall).
 */
export class Background {
  readonly #options: Required<SoundEventOptions>;
  #peakDbfs: number;
  #rmsDbfs: number;
  #seconds: number;

  constructor(state: BackgroundState, options: Required<SoundEventOptions>) {
    this.#options = options;
    this.#peakDbfs = state.peakDbfs;
    this.#rmsDbfs = state.rmsDbfs;
    this.#seconds = state.seconds;
  }

  get state(): BackgroundState {
    return { peakDbfs: this.#peakDbfs, rmsDbfs: this.#rmsDbfs, seconds: this.#seconds };
  }

  /** Of the peaks of 100 ms. */
  get peakDbfs(): number {
    return this.#peakDbfs;
  }

  /** Of the RMS of seconds. */
  get rmsDbfs(): number {
    return this.#rmsDbfs;
  }

  /** Follows a window that was received, with the RMS of its second. */
  follow(peakDbfs: number, rmsDbfs: number): void {
    // A young one may be far off: it was made of 10 s, in which the device perhaps heard nothing but a sound
    const haste = SETTLED_SECONDS / Math.max(FIRST_SECONDS, this.#seconds) / (60 * WINDOWS_PER_SECOND);
    const rise = this.#options.riseDbPerMinute * haste;
    const fall = this.#options.fallDbPerMinute * haste;
    this.#peakDbfs = towards(this.#peakDbfs, peakDbfs, rise, fall);
    this.#rmsDbfs = towards(this.#rmsDbfs, rmsDbfs, rise, fall);
    this.#seconds = Math.min(SETTLED_SECONDS, this.#seconds + 1 / WINDOWS_PER_SECOND);
  }
}

function towards(from: number, to: number, rise: number, fall: number): number {
  return to > from ? Math.min(to, from + rise) : Math.max(to, from - fall);
}

/** A first background: the quantile of the first 10 s that were received, null if nothing was. */
export function firstBackground(
  track: Uint8Array,
  options: Required<SoundEventOptions>,
): BackgroundState | null {
  const peaks: number[] = [];
  const rms: number[] = [];
  const windows = countWindows(track);
  for (let window = 0; window < windows && peaks.length < FIRST_SECONDS * WINDOWS_PER_SECOND; window++) {
    if (!isHeard(track, window)) continue;
    peaks.push(byteDbfs(track[peakAt(window)]));
    rms.push(byteDbfs(track[rmsOf(window)]));
  }
  if (peaks.length === 0) return null;
  const { riseDbPerMinute, fallDbPerMinute, floorDbfs } = options;
  const share = riseDbPerMinute / (riseDbPerMinute + fallDbPerMinute);
  const peakDbfs = Math.max(floorDbfs, quantile(peaks, share));
  const rmsDbfs = Math.max(floorDbfs, quantile(rms, share));
  return { peakDbfs, rmsDbfs, seconds: 0 };
}

function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))];
}
