import { toAmplitude } from "./decibel.js";
import { type Envelope, LevelGrid, type Stretch, type WaveformRange } from "./level-grid.js";
import { countWindows, WINDOW_US, WINDOWS_PER_SECOND } from "./track.js";

const MAX_POINTS = 1_000_000;

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
  const points = Math.ceil(countWindows(track) / windowsPerPoint);
  if (points === 0) return { peakDbfs: new Float32Array(0), rmsDbfs: new Float32Array(0) };
  const grid = new LevelGrid({ fromUs: 0, toUs: points * windowsPerPoint * WINDOW_US, points });
  grid.add({ startUs: 0, track });
  return grid.envelope();
}

/**
 * A waveform across segments, with holes where there is none. A window of 100 ms that lies in several points counts
 * in each of them, so no peak is lost at any zoom; where segments overlap, the louder one shows.
 *
 * @throws RangeError for a range that is none, LevelsError `invalid-track`
 */
export function waveform(stretches: Iterable<Stretch>, range: WaveformRange): Envelope {
  const { points } = range;
  if (!(points >= 1 && points <= MAX_POINTS))
    throw new RangeError(`a waveform has 1 to ${MAX_POINTS} points, not ${points}`);
  const grid = new LevelGrid(range);
  for (const stretch of stretches) grid.add(stretch);
  return grid.envelope();
}

/** Amplitudes (0…1, 1 = full scale) of levels in dBFS; NaN stays NaN. */
export function toAmplitudes(dbfs: Float32Array): Float32Array {
  return dbfs.map(toAmplitude);
}
