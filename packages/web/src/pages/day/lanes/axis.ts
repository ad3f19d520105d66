import type { TickRow } from "../time/ticks.js";
import { type Span, xOf } from "../time/view.js";
import type { Palette } from "./palette.js";

/** CSS pixels. */
export const AXIS_PX = 32;
const APART_PX = 4;

/** Draws the hours, minutes or seconds of a view. */
export function drawAxis(
  pen: CanvasRenderingContext2D,
  palette: Palette,
  font: string,
  view: Span,
  width: number,
  ticks: TickRow,
): void {
  pen.clearRect(0, 0, width, AXIS_PX);
  pen.fillStyle = palette.faint;
  drawTicks(pen, ticks.between, view, width, 3);
  drawTicks(pen, ticks.times, view, width, 7);
  pen.fillStyle = palette.ink;
  pen.font = font;
  pen.textBaseline = "alphabetic";
  let free = 0;
  for (let i = 0; i < ticks.times.length; i++) {
    const x = xOf(view, width, ticks.times[i]);
    if (x < 0 || x > width) continue;
    const long = pen.measureText(ticks.labels[i]).width;
    const left = Math.min(width - long, Math.max(0, x - long / 2));
    if (left < free) continue; // pushed in from an edge, it would stand on its neighbour
    pen.fillText(ticks.labels[i], left, AXIS_PX - 12);
    free = left + long + APART_PX;
  }
}

function drawTicks(
  pen: CanvasRenderingContext2D,
  times: readonly number[],
  view: Span,
  width: number,
  high: number,
): void {
  for (let i = 0; i < times.length; i++) {
    const x = Math.round(xOf(view, width, times[i]));
    if (x >= 0 && x <= width) pen.fillRect(x, AXIS_PX - high, 1, high);
  }
}
