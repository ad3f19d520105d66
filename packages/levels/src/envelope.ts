import { toAmplitude, toDbfs } from "./decibel.js";
import { type Hole, type Run, runsOf } from "./gaps.js";
import {
  byteDbfs,
  countWindows,
  FULL_SCALE,
  isHeard,
  peakAt,
  rmsOf,
  WINDOW_US,
  WINDOWS_PER_SECOND,
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

/** Which time a {@link waveform} shows, and how finely. */
export interface WaveformRange {
  /** UTC, microseconds since the epoch. */
  readonly fromUs: number;
  /** Behind the last point; above `fromUs`. */
  readonly toUs: number;
  /** 1 to 1 000 000 */
  readonly points: number;
}

const MAX_POINTS = 1_000_000;

/** Power of each level byte. */
const POWER = Float64Array.from({ length: FULL_SCALE + 1 }, (_, byte) => toAmplitude(byteDbfs(byte)) ** 2);

/**
 * A segment's waveform, from its beginning, without its audio.
 *
 * @param secondsPerPoint a multiple of 0.1: 0.1, 1, 10, 60, …
 * @throws RangeError for another one, LevelsError `invalid-track`
 */
export function zoom(track: Uint8Array, secondsPerPoint: number): Envelope {
  const windowsPerPoint = Math.round(secondsPerPoint * WINDOWS_PER_SECOND);
  if (!(windowsPerPoint >= 1 && Math.abs(windowsPerPoint - secondsPerPoint * WINDOWS_PER_SECOND) < 1e-6))
    throw new RangeError(`seconds per point must be a multiple of 0.1 above 0, not ${secondsPerPoint}`);
  const windows = countWindows(track);
  const points = new Points(Math.ceil(windows / windowsPerPoint));
  for (let window = 0; window < windows; window++) {
    const point = Math.floor(window / windowsPerPoint);
    if (isHeard(track, window)) points.add(point, point, track[peakAt(window)], track[rmsOf(window)]);
  }
  return points.envelope();
}

/**
 * A waveform across segments, with holes where there is none. A window of 100 ms that lies in several points counts
 * in each of them, so no peak is lost at any zoom; where segments overlap, the louder one shows.
 *
 * @throws RangeError for a range that is none, LevelsError `invalid-track`
 */
export function waveform(stretches: Iterable<Stretch>, range: WaveformRange): Envelope {
  checkRange(range);
  const points = new Points(range.points);
  for (const stretch of stretches) addStretch(points, stretch, range);
  return points.envelope();
}

/** Amplitudes (0…1, 1 = full scale) of levels in dBFS; NaN stays NaN. */
export function toAmplitudes(dbfs: Float32Array): Float32Array {
  return dbfs.map(toAmplitude);
}

function checkRange({ fromUs, toUs, points }: WaveformRange): void {
  if (!(Number.isFinite(fromUs) && Number.isFinite(toUs) && fromUs < toUs))
    throw new RangeError(`a waveform needs a beginning before its end, not ${fromUs} to ${toUs}`);
  if (!(Number.isInteger(points) && points >= 1 && points <= MAX_POINTS))
    throw new RangeError(`a waveform has 1 to ${MAX_POINTS} points, not ${points}`);
}

function addStretch(points: Points, { startUs, track, holes = [] }: Stretch, range: WaveformRange): void {
  for (const run of runsOf(startUs, countWindows(track), holes)) addRun(points, track, run, range);
}

function addRun(points: Points, track: Uint8Array, { from, to, startUs }: Run, range: WaveformRange): void {
  const { fromUs, toUs } = range;
  const stepUs = (toUs - fromUs) / range.points;
  const first = Math.max(from, from + Math.floor((fromUs - startUs) / WINDOW_US));
  const end = Math.min(to, from + Math.ceil((toUs - startUs) / WINDOW_US));
  for (let window = first; window < end; window++) {
    if (!isHeard(track, window)) continue;
    const beginsUs = startUs + (window - from) * WINDOW_US - fromUs;
    const point = Math.max(0, Math.floor(beginsUs / stepUs));
    const last = Math.min(range.points, Math.ceil((beginsUs + WINDOW_US) / stepUs)) - 1;
    points.add(point, last, track[peakAt(window)], track[rmsOf(window)]);
  }
}

/** Gathers windows into points. */
class Points {
  readonly #peaks: Uint8Array;
  readonly #power: Float64Array;
  readonly #windows: Float64Array;

  constructor(count: number) {
    this.#peaks = new Uint8Array(count);
    this.#power = new Float64Array(count);
    this.#windows = new Float64Array(count);
  }

  /** A window that lies in the points `from` to `last`. */
  add(from: number, last: number, peak: number, rms: number): void {
    const power = POWER[rms];
    for (let point = from; point <= last; point++) {
      if (peak > this.#peaks[point]) this.#peaks[point] = peak;
      this.#power[point] += power;
      this.#windows[point]++;
    }
  }

  envelope(): Envelope {
    const peakDbfs = new Float32Array(this.#peaks.length);
    const rmsDbfs = new Float32Array(this.#peaks.length);
    for (const [point, windows] of this.#windows.entries()) {
      peakDbfs[point] = windows === 0 ? Number.NaN : byteDbfs(this.#peaks[point]);
      rmsDbfs[point] = windows === 0 ? Number.NaN : toDbfs(Math.sqrt(this.#power[point] / windows));
    }
    return { peakDbfs, rmsDbfs };
  }
}
