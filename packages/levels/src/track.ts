import { SILENCE_DBFS, toDbfs } from "./decibel.js";
import { LevelsError } from "./errors.js";

/** Windows of a second: each peak of a track is that of 100 ms. */
export const WINDOWS_PER_SECOND = 10;

/** Microseconds of a window. */
export const WINDOW_US = 1_000_000 / WINDOWS_PER_SECOND;

/** First byte of a track. */
const TRACK_VERSION = 1;

/** A second of a track: one byte RMS, then a byte peak for each of its windows. */
const RECORD_BYTES = 1 + WINDOWS_PER_SECOND;

/** In place of a level: nothing was received then. */
export const NOTHING = 255;

const STEPS_PER_DB = 2;
/** The level byte of 0 dBFS. */
export const FULL_SCALE = -SILENCE_DBFS * STEPS_PER_DB;

/** The byte of an amplitude (1 = full scale). */
export function levelByte(amplitude: number): number {
  return Math.min(FULL_SCALE, Math.round((toDbfs(amplitude) - SILENCE_DBFS) * STEPS_PER_DB));
}

/** dBFS that a level byte stands for; NaN where nothing was received. */
export function byteDbfs(byte: number): number {
  return byte === NOTHING ? Number.NaN : byte / STEPS_PER_DB + SILENCE_DBFS;
}

/** A track that grows, a second after the other. */
export class TrackWriter {
  #bytes = new Uint8Array(16 * RECORD_BYTES);
  #length = 1;
  /** Where the second under way begins. */
  #record = 0;

  constructor() {
    this.#bytes[0] = TRACK_VERSION;
  }

  /** The next window's peak. */
  add(peak: number): void {
    if (this.#record === 0) {
      this.#record = this.#length++;
      this.#reserve();
    }
    this.#bytes[this.#length++] = peak;
  }

  /** The second is over. */
  end(rms: number): void {
    this.#bytes[this.#record] = rms;
    this.#record = 0;
  }

  /** A copy of what is there, with `peak` (if any) and `rms` for the second under way. */
  finished(peak: number | undefined, rms: number): Uint8Array {
    if (this.#record === 0 && peak === undefined) return this.#bytes.slice(0, this.#length);
    const begun = this.#record === 0;
    const extra = (begun ? 1 : 0) + (peak === undefined ? 0 : 1);
    const track = new Uint8Array(this.#length + extra);
    track.set(this.#bytes.subarray(0, this.#length));
    track[begun ? this.#length : this.#record] = rms;
    if (peak !== undefined) track[track.length - 1] = peak;
    return track;
  }

  #reserve(): void {
    if (this.#bytes.length >= this.#length + WINDOWS_PER_SECOND) return;
    const larger = new Uint8Array(this.#bytes.length * 2);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** What a track holds, as numbers. */
export interface TrackLevels {
  /** Of each 100 ms, dBFS (0 = full scale, floor −120) to half a dB; NaN where nothing was received. */
  readonly peakDbfs: Float32Array;
  /** Of what was received of each second, dBFS to half a dB; NaN where nothing was. The last second may be short. */
  readonly rmsDbfs: Float32Array;
}

/**
 * Reads a track as {@link LevelMeter} makes it.
 * @throws LevelsError `invalid-track`
 */
export function readTrack(track: Uint8Array): TrackLevels {
  const windows = countWindows(track);
  const peakDbfs = new Float32Array(windows);
  const rmsDbfs = new Float32Array(Math.ceil(windows / WINDOWS_PER_SECOND));
  for (let second = 0; second < rmsDbfs.length; second++) rmsDbfs[second] = byteDbfs(track[rmsAt(second)]);
  for (let window = 0; window < windows; window++) peakDbfs[window] = byteDbfs(track[peakAt(window)]);
  return { peakDbfs, rmsDbfs };
}

/** Where a second's RMS stands in a track. */
function rmsAt(second: number): number {
  return 1 + second * RECORD_BYTES;
}

/** Where a window's peak stands in a track. */
export function peakAt(window: number): number {
  const second = Math.floor(window / WINDOWS_PER_SECOND);
  return window + second + 2;
}

/** Where a window's second has its RMS in a track. */
export function rmsOf(window: number): number {
  return rmsAt(Math.floor(window / WINDOWS_PER_SECOND));
}

/** Whether something was received in a window. */
export function isHeard(track: Uint8Array, window: number): boolean {
  return track[peakAt(window)] !== NOTHING && track[rmsOf(window)] !== NOTHING;
}

/**
 * How many windows of 100 ms a track has; its last one may be short.
 * @throws LevelsError `invalid-track`
 */
export function countWindows(track: Uint8Array): number {
  if (track.length === 0 || track[0] !== TRACK_VERSION)
    throw new LevelsError("invalid-track", `a level track begins with ${TRACK_VERSION}, not ${track[0]}`);
  const seconds = Math.ceil((track.length - 1) / RECORD_BYTES);
  if ((track.length - 1) % RECORD_BYTES === 1)
    throw new LevelsError("invalid-track", `${track.length} bytes: the last second of the track has no peak`);
  for (let at = 1; at < track.length; at++) {
    if (track[at] <= FULL_SCALE || track[at] === NOTHING) continue;
    const allowed = `a level is 0 to ${FULL_SCALE}, or ${NOTHING}`;
    throw new LevelsError("invalid-track", `byte ${at} of the track is ${track[at]}; ${allowed}`);
  }
  return track.length - 1 - seconds;
}
