import type { Gap, Note, Pin, Sound } from "@audio/api";
import type { LevelStore } from "../levels/level-store.js";
import { lastTile, type Tiling, tileAt, tileUs, zoomOf } from "../levels/tiles.js";
import type { Span } from "../time/view.js";
import type { Lane } from "./lane.js";
import type { LaneSheet } from "./lane-sheet.js";
import type { Palette } from "./palette.js";

/** Height of the strip above each lane in which sounds, pins and notes stand; CSS pixels. */
export const STRIP_PX = 9;
/** Height of what tells below each lane that it is in the bucket alone. */
export const FOOT_PX = 3;
const NARROWEST_PX = 1.5;
const DASH = [5, 3];
const SOLID: number[] = [];
/** dB above the background at which a mark of a sound is as high as it gets. */
const LOUDEST_SCORE = 40;

/** What is drawn. All lengths in CSS pixels. */
export interface Scene {
  readonly view: Span;
  readonly width: number;
  readonly laneHeight: number;
  /** What can be seen of the rows. */
  readonly top: number;
  readonly bottom: number;
  readonly lanes: readonly Lane[];
  /** Times at which lines stand. */
  readonly grid: readonly number[];
  /** The receiver's clock: what is behind it has not been. */
  readonly nowUs: number;
}

/** Draws lanes. Nothing here makes an object: it runs for every frame of a pan. */
export class LanePainter {
  readonly #pen: CanvasRenderingContext2D;
  readonly #store: LevelStore;
  readonly #sheet: LaneSheet;
  readonly #tiling: Tiling;
  #palette: Palette;
  #fromUs = 0;
  #pxPerUs = 0;
  #width = 0;

  constructor(
    pen: CanvasRenderingContext2D,
    palette: Palette,
    store: LevelStore,
    sheet: LaneSheet,
    tiling: Tiling,
  ) {
    this.#pen = pen;
    this.#palette = palette;
    this.#store = store;
    this.#sheet = sheet;
    this.#tiling = tiling;
  }

  draw(scene: Scene): void {
    const { view, width, laneHeight, lanes, top, bottom } = scene;
    this.#fromUs = view.fromUs;
    this.#pxPerUs = width / (view.toUs - view.fromUs);
    this.#width = width;
    this.#pen.imageSmoothingEnabled = false; // a stretched level has an edge, and the row beside it is another device
    this.#pen.clearRect(0, top, width, bottom - top);
    this.#drawGround(scene);
    const last = Math.min(lanes.length - 1, Math.floor(bottom / laneHeight));
    for (let i = Math.max(0, Math.floor(top / laneHeight)); i <= last; i++)
      this.#drawLane(lanes[i], i * laneHeight, laneHeight, view);
  }

  #x(us: number): number {
    return (us - this.#fromUs) * this.#pxPerUs;
  }

  #drawGround({ grid, nowUs, top, bottom, width }: Scene): void {
    const pen = this.#pen;
    const nowX = Math.max(0, this.#x(nowUs));
    pen.fillStyle = this.#palette.panel;
    if (nowX < width) pen.fillRect(nowX, top, width - nowX, bottom - top);
    pen.fillStyle = this.#palette.rule;
    for (let i = 0; i < grid.length; i++) {
      const x = Math.round(this.#x(grid[i]));
      if (x >= 0 && x < width) pen.fillRect(x, top, 1, bottom - top);
    }
  }

  #drawLane(lane: Lane, y: number, laneHeight: number, view: Span): void {
    const top = y + STRIP_PX;
    const height = laneHeight - STRIP_PX - FOOT_PX - 1;
    this.#drawStretches(lane, top, height);
    this.#drawLevels(lane.index, top, height, view);
    this.#drawGaps(lane.gaps, top, height);
    this.#drawPlaces(lane, top + height, top, height);
    this.#drawSounds(lane.sounds, top);
    this.#drawPins(lane.pins, y, top + height);
    this.#drawNotes(lane.notes, y);
    this.#pen.fillStyle = this.#palette.rule;
    this.#pen.fillRect(0, y + laneHeight - 1, this.#width, 1);
  }

  /** Recorded, under the levels: what shows through has none (yet). */
  #drawStretches({ stretches }: Lane, y: number, height: number): void {
    this.#pen.fillStyle = this.#palette.faint;
    this.#pen.globalAlpha = 0.35;
    for (let i = 0; i < stretches.length; i++) this.#bar(stretches[i][0], stretches[i][1], y, height);
    this.#pen.globalAlpha = 1;
  }

  #drawLevels(device: number, y: number, height: number, view: Span): void {
    const zoom = zoomOf(this.#tiling, view);
    const last = lastTile(this.#tiling, zoom, view);
    for (let tile = tileAt(this.#tiling, zoom, view.fromUs); tile <= last; tile++)
      this.#drawTile(device, zoom, tile, y, height, view);
  }

  /** A tile; while it is not there, what coarser ones know of its time. */
  #drawTile(device: number, zoom: number, tile: number, y: number, height: number, view: Span): void {
    for (let up = 0; up <= zoom; up++) {
      const row = this.#store.find(device, zoom - up, tile >> up);
      if (row < 0) continue;
      const length = tileUs(this.#tiling, zoom);
      const startUs = this.#tiling.day.fromUs + tile * length;
      const fromUs = Math.max(startUs, view.fromUs);
      const toUs = Math.min(startUs + length, view.toUs);
      const wholeUs = length * 2 ** up;
      const pointsPerUs = this.#tiling.points / wholeUs;
      const sheetX = (fromUs - this.#tiling.day.fromUs - (tile >> up) * wholeUs) * pointsPerUs;
      const x = this.#x(fromUs);
      const sheetWidth = (toUs - fromUs) * pointsPerUs;
      if (sheetWidth > 0)
        this.#pen.drawImage(this.#sheet.canvas, sheetX, row, sheetWidth, 1, x, y, this.#x(toUs) - x, height);
      return;
    }
  }

  #drawGaps(gaps: readonly Gap[], y: number, height: number): void {
    this.#pen.fillStyle = this.#palette.hatch;
    let drawnTo = -1;
    for (let i = 0; i < gaps.length; i++) {
      const from = this.#x(gaps[i].startUs);
      const to = Math.max(this.#x(gaps[i].endUs), from + NARROWEST_PX);
      if (to <= Math.max(0, drawnTo) || from >= this.#width) continue; // thousands may lie in one pixel
      this.#pen.fillRect(Math.max(0, from), y, Math.min(to, this.#width) - Math.max(0, from), height);
      drawnTo = to;
    }
  }

  /** A dashed foot: it is in the bucket alone. An edge: it is growing. */
  #drawPlaces({ stretches }: Lane, foot: number, y: number, height: number): void {
    const pen = this.#pen;
    pen.strokeStyle = this.#palette.accent;
    pen.fillStyle = this.#palette.accent;
    pen.lineWidth = 2;
    pen.setLineDash(DASH);
    for (let i = 0; i < stretches.length; i++) {
      const where = stretches[i][2];
      if (where === "remote") this.#line(stretches[i][0], stretches[i][1], foot + 1.5);
      const x = where === "recording" ? this.#x(stretches[i][1]) : -1;
      if (x >= 0 && x <= this.#width) pen.fillRect(x - 1, y - 2, 2, height + 4);
    }
    pen.setLineDash(SOLID);
  }

  #drawSounds(sounds: readonly Sound[], y: number): void {
    this.#pen.fillStyle = this.#palette.ink;
    let drawnTo = -1;
    for (let i = 0; i < sounds.length; i++) {
      const from = this.#x(sounds[i].startUs);
      const to = Math.max(this.#x(sounds[i].endUs), from + NARROWEST_PX);
      if (to < 0 || from >= this.#width || to - drawnTo < 0.5) continue;
      const high = 2 + Math.min(1, sounds[i].score / LOUDEST_SCORE) * (STRIP_PX - 4);
      this.#pen.fillRect(from, y - 1 - high, to - from, high);
      drawnTo = to;
    }
  }

  #drawPins(pins: readonly Pin[], y: number, foot: number): void {
    this.#pen.fillStyle = this.#palette.accent;
    for (let i = 0; i < pins.length; i++) {
      this.#bar(pins[i].fromUs, pins[i].toUs, y, 2);
      this.#bar(pins[i].fromUs, pins[i].toUs, foot + 1, 2);
    }
  }

  /** A flag where it begins. */
  #drawNotes(notes: readonly Note[], y: number): void {
    const pen = this.#pen;
    pen.fillStyle = this.#palette.warn;
    for (let i = 0; i < notes.length; i++) {
      const x = this.#x(notes[i].fromUs);
      if (x < -STRIP_PX || x > this.#width) continue;
      pen.beginPath();
      pen.moveTo(x, y + 1);
      pen.lineTo(x + STRIP_PX - 1, y + STRIP_PX / 2);
      pen.lineTo(x, y + STRIP_PX - 1);
      pen.fill();
    }
  }

  #bar(fromUs: number, toUs: number, y: number, height: number): void {
    const from = Math.max(0, this.#x(fromUs));
    const to = Math.min(this.#width, Math.max(this.#x(toUs), this.#x(fromUs) + NARROWEST_PX));
    if (to > from) this.#pen.fillRect(from, y, to - from, height);
  }

  #line(fromUs: number, toUs: number, y: number): void {
    const from = Math.max(0, this.#x(fromUs));
    const to = Math.min(this.#width, this.#x(toUs));
    if (to <= from) return;
    this.#pen.beginPath();
    this.#pen.moveTo(from, y);
    this.#pen.lineTo(to, y);
    this.#pen.stroke();
  }
}
