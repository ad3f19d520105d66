import { byteOf } from "../../../parts/loudness.js";
import { type LevelStore, NOTHING } from "./level-store.js";
import { finestZoom, pointAt, type Tiling, tileAt, tileUs } from "./tiles.js";

const SECOND_US = 1_000_000;

/** Loudness of a second of a device, as it comes. */
export interface LiveSecond {
  readonly peakDbfs: number;
  readonly rmsDbfs: number;
  /** End of its audio: UTC, microseconds since the epoch. */
  readonly endUs: number;
}

/**
 * Writes a second into the tiles that are kept, at every zoom.
 * @param touched called for each point that is another now
 */
export function writeSecond(
  tiling: Tiling,
  store: LevelStore,
  device: number,
  second: LiveSecond,
  touched: (row: number, point: number, rms: number) => void,
): void {
  const { day } = tiling;
  const startUs = second.endUs - SECOND_US;
  if (startUs < day.fromUs || second.endUs > day.toUs) return;
  const most = finestZoom(tiling);
  for (let zoom = 0; zoom <= most; zoom++) {
    const pointUs = tileUs(tiling, zoom) / tiling.points;
    for (let us = startUs; us < second.endUs; us += Math.min(pointUs, SECOND_US)) {
      const row = store.find(device, zoom, tileAt(tiling, zoom, us));
      if (row < 0) continue;
      const point = pointAt(tiling, zoom, us);
      const into = ((us - day.fromUs) % pointUs) / SECOND_US;
      const peak = louder(store.peakAt(row, point), byteOf(second.peakDbfs));
      const rms = joined(store.rmsAt(row, point), byteOf(second.rmsDbfs), into);
      store.write(row, point, peak, rms);
      touched(row, point, rms);
    }
  }
}

function louder(before: number, level: number): number {
  return before === NOTHING ? level : Math.max(before, level);
}

/**
 * Mean power of so many seconds at one level and one second at another, all in half decibels above −120 dBFS.
 * @param seconds those before; less than one: what was before counts for nothing
 */
export function joined(before: number, level: number, seconds: number): number {
  if (before === NOTHING || seconds < 1) return level;
  const whole = Math.floor(seconds);
  const power = (whole * 10 ** (before / 20) + 10 ** (level / 20)) / (whole + 1);
  return Math.round(20 * Math.log10(power));
}
