import { toAmplitude, toDbfs } from "./decibel.js";
import { type Hole, type Run, runsOf } from "./gaps.js";
import {
  byteDbfs,
  countWindows,
  FULL_SCALE,
  isHeard,
  levelByte,
  NOTHING,
  peakAt,
  rmsOf,
  WINDOW_US,
} from "./track.js";

/** Loudness over time for a picture, one value per point; NaN where there is no audio. */
export interface Envelope {
  /** Largest peak within the point's time, dBFS (0 = full scale, floor −120) to half a dB. */
  readonly peakDbfs: Float32Array;
  /** Mean power within the point's time, dBFS; of whole seconds, so finer points repeat it. */
  readonly rmsDbfs: Float32Array;
}

/** A segment on the axis of time. */
export interface Stretch {
  /** UTC, microseconds since the epoch, of the track's first window. */
  readonly startUs: number;
  readonly track: Uint8Array;
  /** Where its file leaves time out, in order, as `placeGaps` finds it; none unless told. */
  readonly holes?: readonly Hole[];
}

/** Which time a {@link LevelGrid} covers, and how finely. */
export interface WaveformRange {
  /** UTC, microseconds since the epoch. */
  readonly fromUs: number;
  /** Behind the last point; above `fromUs`. */
  readonly toUs: number;
  /** 1 or more; 1 000 000 at most for `waveform` */
  readonly points: number;
}

/** Loudness over time in bytes: half decibels above −120 dBFS (0 … 240), or 255 where nothing was received. */
export interface Lane {
  /** Largest peak within each point's time. */
  readonly peak: Uint8Array;
  /** Mean power within it; of whole seconds, so finer points repeat it. */
  readonly rms: Uint8Array;
}

/** Power of each level byte. */
const POWER = Float64Array.from({ length: FULL_SCALE + 1 }, (_, byte) => toAmplitude(byteDbfs(byte)) ** 2);

/** Loudness of a range of time in points of equal length, gathered from any number of segments in any order. */
export class LevelGrid {
  readonly #range: WaveformRange;
  readonly #stepUs: number;
  readonly #peaks: Uint8Array;
  readonly #power: Float64Array;
  readonly #windows: Uint32Array;

  /** @throws RangeError for a range that is none */
  constructor(range: WaveformRange) {
    checkRange(range);
    const { fromUs, toUs, points } = range;
    this.#range = range;
    this.#stepUs = (toUs - fromUs) / points;
    this.#peaks = new Uint8Array(points);
    this.#power = new Float64Array(points);
    this.#windows = new Uint32Array(points);
  }

  /** Bytes of memory that its points take. */
  get byteLength(): number {
    return this.#peaks.byteLength + this.#power.byteLength + this.#windows.byteLength;
  }

  /**
   * Adds a segment. A window of 100 ms that lies in several points counts in each of them, so no peak is lost at any
   * zoom; where segments overlap, the louder one shows.
   * @throws LevelsError `invalid-track`
   */
  add({ startUs, track, holes = [] }: Stretch): void {
    for (const run of runsOf(startUs, countWindows(track), holes)) this.#addRun(track, run);
  }

  /** Adds all that another one holds; one of its points counts in each of these that it touches. */
  addGrid(other: LevelGrid): void {
    const { fromUs, toUs } = this.#range;
    const { fromUs: startUs, points } = other.#range;
    const lengthUs = other.#stepUs;
    const first = Math.max(0, Math.floor((fromUs - startUs) / lengthUs));
    const end = Math.min(points, Math.ceil((toUs - startUs) / lengthUs));
    for (let at = first; at < end; at++) {
      const windows = other.#windows[at];
      if (windows > 0)
        this.#put(startUs + at * lengthUs, lengthUs, other.#peaks[at], other.#power[at], windows);
    }
  }

  /** In bytes. */
  lane(): Lane {
    const peak = new Uint8Array(this.#peaks.length).fill(NOTHING);
    const rms = new Uint8Array(this.#peaks.length).fill(NOTHING);
    for (const [point, windows] of this.#windows.entries()) {
      if (windows === 0) continue;
      peak[point] = this.#peaks[point];
      rms[point] = levelByte(Math.sqrt(this.#power[point] / windows));
    }
    return { peak, rms };
  }

  /** In dBFS; NaN where nothing was received. */
  envelope(): Envelope {
    const peakDbfs = new Float32Array(this.#peaks.length);
    const rmsDbfs = new Float32Array(this.#peaks.length);
    for (const [point, windows] of this.#windows.entries()) {
      peakDbfs[point] = windows === 0 ? Number.NaN : byteDbfs(this.#peaks[point]);
      rmsDbfs[point] = windows === 0 ? Number.NaN : toDbfs(Math.sqrt(this.#power[point] / windows));
    }
    return { peakDbfs, rmsDbfs };
  }

  #addRun(track: Uint8Array, { from, to, startUs }: Run): void {
    const { fromUs, toUs } = this.#range;
    const first = Math.max(from, from + Math.floor((fromUs - startUs) / WINDOW_US));
    const end = Math.min(to, from + Math.ceil((toUs - startUs) / WINDOW_US));
    for (let window = first; window < end; window++) {
      if (!isHeard(track, window)) continue;
      const [peak, power] = [track[peakAt(window)], POWER[track[rmsOf(window)]]];
      this.#put(startUs + (window - from) * WINDOW_US, WINDOW_US, peak, power, 1);
    }
  }

  #put(startUs: number, lengthUs: number, peak: number, power: number, windows: number): void {
    const beginsUs = startUs - this.#range.fromUs;
    const last = Math.min(this.#peaks.length, Math.ceil((beginsUs + lengthUs) / this.#stepUs)) - 1;
    for (let point = Math.max(0, Math.floor(beginsUs / this.#stepUs)); point <= last; point++) {
      if (peak > this.#peaks[point]) this.#peaks[point] = peak;
      this.#power[point] += power;
      this.#windows[point] += windows;
    }
  }
}

function checkRange({ fromUs, toUs, points }: WaveformRange): void {
  if (!(Number.isFinite(fromUs) && Number.isFinite(toUs) && fromUs < toUs))
    throw new RangeError(`a waveform needs a beginning before its end, not ${fromUs} to ${toUs}`);
  if (!(Number.isInteger(points) && points >= 1))
    throw new RangeError(`a waveform has 1 point or more, not ${points}`);
}
