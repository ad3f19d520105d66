import { clockOf, zoneOf } from "../parts/zoned.js";
import { type ReadyTile, rangeOf, type Sheet } from "./paint.js";

/** What is at a point of the picture, in words: time, and peak or frequency and level. */
export function readOut(
  sheet: Sheet,
  tiles: readonly ReadyTile[],
  x: number,
  y: number,
  zone: string,
): string {
  const us = sheet.fromUs + (x / sheet.width) * (sheet.toUs - sheet.fromUs);
  const time = `${clockOf(us, zone, "millisecond")} ${zoneOf(us, zone)}`;
  const found = tiles.find(({ tile }) => us >= tile.fromUs && us < tile.toUs);
  if (found === undefined) return time;
  return `${time} · ${y < sheet.waveHeight ? peakAt(sheet, found, us) : toneAt(sheet, found, us, y)}`;
}

function peakAt({ fromUs, toUs, width }: Sheet, { tile, computed }: ReadyTile, us: number): string {
  const [low, high] = rangeOf(computed, tile, us, us + (toUs - fromUs) / width) ?? [0, 0];
  const peak = Math.max(-low, high);
  return peak <= 1e-6 ? "silence" : `peak ${dbText(20 * Math.log10(peak))}`;
}

function toneAt({ height, waveHeight }: Sheet, { tile, computed }: ReadyTile, us: number, y: number): string {
  const { columns, bins, levels, sampleRate } = computed;
  const share = Math.min(1, Math.max(0, (height - y) / (height - waveHeight)));
  const column = Math.min(
    columns - 1,
    Math.floor(((us - tile.fromUs) / (tile.toUs - tile.fromUs)) * columns),
  );
  const bin = Math.min(bins - 1, Math.floor(share * bins));
  const level = levels[column * bins + bin] / 2 - 120;
  return `${Math.round(share * (sampleRate / 2))} Hz · ${dbText(level)}`;
}

function dbText(dbfs: number): string {
  return `${dbfs.toFixed(1).replace("-", "−")} dBFS`;
}
