import type { TickRow } from "../time/ticks.js";
import { type Span, xOf } from "../time/view.js";
import type { Palette } from "./palette.js";

/** CSS pixels. */
export const AXIS_PX = 32;

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
  for (let i = 0; i < ticks.times.length; i++) {
    const x = xOf(view, width, ticks.times[i]);
    if (x < -40 || x > width + 40) continue;
    const half = pen.measureText(ticks.labels[i]).width / 2;
    pen.fillText(ticks.labels[i], Math.min(width - 2 * half, Math.max(0, x - half)), AXIS_PX - 12);
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
