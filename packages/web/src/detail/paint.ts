import { rgbOf } from "../parts/loudness.js";
import { extremes } from "./outline.js";
import type { Tile } from "./tiles.js";
import type { Computed } from "./worker-messages.js";

/** What is drawn, in CSS pixels. */
export interface Sheet {
  readonly width: number;
  readonly height: number;
  /** Height of the waveform; the spectrogram is below it. */
  readonly waveHeight: number;
  readonly fromUs: number;
  readonly toUs: number;
  readonly ink: string;
  readonly faint: string;
  readonly paper: string;
}

/** A tile that is there. */
export interface ReadyTile {
  readonly tile: Tile;
  readonly computed: Computed;
}

/** Levels of single frequencies are lower than those of all together: what is below is dark, what is above bright. */
const DARK_DBFS = -105;
const BRIGHT_DBFS = -30;

const pictures = new WeakMap<Computed, OffscreenCanvas>();

/** Draws waveform and spectrogram of the tiles that are there. */
export function paint(brush: CanvasRenderingContext2D, sheet: Sheet, tiles: readonly ReadyTile[]): void {
  const { width, height, waveHeight } = sheet;
  brush.clearRect(0, 0, width, height);
  const topDbfs = waveTop(peakOf(sheet, tiles));
  for (const each of tiles) {
    paintSpectrogram(brush, sheet, each);
    paintWave(brush, sheet, each, 10 ** (topDbfs / 20));
  }
  const [first] = tiles;
  if (first !== undefined) {
    paintFrequencies(brush, sheet, first.computed.sampleRate / 2);
    paintTop(brush, sheet, topDbfs);
  }
  brush.fillStyle = sheet.faint;
  brush.fillRect(0, waveHeight - 1, width, 1);
}

function xOf({ fromUs, toUs, width }: Sheet, us: number): number {
  return ((us - fromUs) / (toUs - fromUs)) * width;
}

function paintSpectrogram(
  brush: CanvasRenderingContext2D,
  sheet: Sheet,
  { tile, computed }: ReadyTile,
): void {
  const left = xOf(sheet, tile.fromUs);
  const right = xOf(sheet, tile.toUs);
  const { waveHeight, height } = sheet;
  brush.drawImage(pictureOf(computed), left, waveHeight, right - left, height - waveHeight);
}

/** The spectrogram as an image, made once. */
function pictureOf(computed: Computed): OffscreenCanvas {
  const known = pictures.get(computed);
  if (known !== undefined) return known;
  const { columns, bins, levels } = computed;
  const image = new ImageData(columns, bins);
  const pixels = new Uint32Array(image.data.buffer);
  for (let column = 0; column < columns; column++)
    for (let bin = 0; bin < bins; bin++)
      pixels[(bins - 1 - bin) * columns + column] = COLOURS[levels[column * bins + bin]];
  const picture = new OffscreenCanvas(columns, bins);
  picture.getContext("2d")?.putImageData(image, 0, 0);
  pictures.set(computed, picture);
  return picture;
}

const COLOURS = Uint32Array.from({ length: 256 }, (_, byte) => {
  const share = (byte / 2 - 120 - DARK_DBFS) / (BRIGHT_DBFS - DARK_DBFS);
  const [red, green, blue] = rgbOf(-72 + 72 * Math.min(1, Math.max(0, share)));
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
});

/** How loud the waveform is at its edge. */
function paintTop(brush: CanvasRenderingContext2D, { ink, paper }: Sheet, dbfs: number): void {
  const text = `height ${String(dbfs).replace("-", "−")} dBFS`;
  brush.globalAlpha = 0.8;
  brush.fillStyle = paper;
  brush.fillRect(4, 2, brush.measureText(text).width + 8, 15);
  brush.globalAlpha = 1;
  brush.fillStyle = ink;
  brush.fillText(text, 8, 10);
}

/** Highest sample in view. */
function peakOf({ fromUs, toUs }: Sheet, tiles: readonly ReadyTile[]): number {
  const ranges = tiles.map(({ tile, computed }) => rangeOf(computed, tile, fromUs, toUs) ?? [0, 0]);
  return Math.max(0, ...ranges.map(([low, high]) => Math.max(-low, high)));
}

/** Level at the top of the waveform: a quiet night fills it too; in steps, so that it holds still while it pans. */
export function waveTop(peak: number): number {
  const dbfs = 20 * Math.log10(Math.max(peak, 1e-3));
  return Math.min(0, Math.ceil(dbfs / 6) * 6);
}

function paintWave(
  brush: CanvasRenderingContext2D,
  sheet: Sheet,
  { tile, computed }: ReadyTile,
  top: number,
): void {
  const { width, waveHeight, fromUs, toUs, ink } = sheet;
  const middle = waveHeight / 2;
  const perPixel = (toUs - fromUs) / width;
  const first = Math.max(0, Math.floor(xOf(sheet, tile.fromUs)));
  const last = Math.min(width, Math.ceil(xOf(sheet, tile.toUs)));
  brush.fillStyle = ink;
  for (let x = first; x < last; x++) {
    const range = rangeOf(computed, tile, fromUs + x * perPixel, fromUs + (x + 1) * perPixel);
    if (range === undefined) continue;
    const [low, high] = [range[0] / top, range[1] / top];
    brush.fillRect(x, middle - high * middle, 1, Math.max(1, (high - low) * middle));
  }
}

/** Lowest and highest sample within a time of a tile. */
export function rangeOf(
  { samples, outline, sampleRate }: Computed,
  { fromUs }: Tile,
  us: number,
  endUs: number,
): readonly [number, number] | undefined {
  const at = (time: number) => ((time - fromUs) / 1e6) * sampleRate;
  return extremes(samples, outline, at(us), at(endUs));
}

function paintFrequencies(brush: CanvasRenderingContext2D, sheet: Sheet, topHz: number): void {
  const { height, waveHeight } = sheet;
  const room = height - waveHeight;
  brush.font = "11px system-ui, sans-serif";
  brush.textBaseline = "middle";
  for (const hz of frequencies(topHz, room)) {
    const y = height - (hz / topHz) * room;
    brush.fillStyle = "rgb(255 255 255 / 35%)";
    brush.fillRect(0, Math.round(y), 6, 1);
    brush.fillStyle = "rgb(255 255 255 / 90%)";
    brush.fillText(hz < 1000 ? `${hz} Hz` : `${hz / 1000} kHz`, 9, y);
  }
}

/** Round frequencies below the top one, some 28 pixels apart or more. */
export function frequencies(topHz: number, heightPx: number): number[] {
  const least = (28 / heightPx) * topHz;
  const step =
    [100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000].find((each) => each >= least) ?? topHz;
  const count = Math.max(0, Math.ceil(topHz / step) - 1);
  return Array.from({ length: count }, (_, i) => (i + 1) * step);
}
