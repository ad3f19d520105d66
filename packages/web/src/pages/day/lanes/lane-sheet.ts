import { LOUDNESS_PIXELS } from "../../../parts/loudness.js";

/**
 * The rows of a level store as colours: a picture as wide as a tile has points and one pixel high for each row, of
 * which lanes are stretched. One picture for all, because a browser keeps one texture for it.
 */
export class LaneSheet {
  readonly canvas: HTMLCanvasElement;
  readonly #pen: CanvasRenderingContext2D;
  readonly #line: ImageData;
  readonly #pixels: Uint32Array;

  /** @param rows as many as the level store has */
  constructor(points: number, rows: number) {
    this.canvas = document.createElement("canvas");
    this.canvas.width = points;
    this.canvas.height = rows;
    const pen = this.canvas.getContext("2d");
    if (pen === null) throw new Error("this browser gives no canvas to draw on");
    this.#pen = pen;
    this.#line = pen.createImageData(points, 1);
    this.#pixels = new Uint32Array(this.#line.data.buffer);
  }

  /** Colours a row by its levels: half decibels above −120 dBFS; 255 = nothing, which is transparent. */
  paint(row: number, levels: Uint8Array): void {
    for (let i = 0; i < levels.length; i++) this.#pixels[i] = LOUDNESS_PIXELS[levels[i]];
    this.#pen.putImageData(this.#line, 0, row);
  }

  /** Colours one point. */
  paintPoint(row: number, point: number, level: number): void {
    this.#pixels[0] = LOUDNESS_PIXELS[level];
    this.#pen.putImageData(this.#line, point, row, 0, 0, 1, 1);
  }
}
