import type { Span } from "../time/view.js";

// The track knows peaks per 100 ms: finer points would say nothing more.
const FINEST_US = 100_000;
const FEWEST_POINTS = 256;
// Two tiles go into one request of GET /levels, which gives 10 000 points at most.
const MOST_POINTS = 4096;
const STEP_POINTS = 128;

/** Points of a tile for a width: no more than device pixels, so that what is drawn is never thinned out. */
export function pointsOf(devicePixels: number): number {
  const whole = Math.floor(devicePixels / STEP_POINTS) * STEP_POINTS;
  return Math.min(MOST_POINTS, Math.max(FEWEST_POINTS, whole));
}

/**
 * How a day is cut: zoom 0 is the whole of it, each further zoom has twice as many tiles of as many points.
 * The zoom of a view is the finest at which a tile is not shorter than the view, so that two tiles always cover it.
 */
export interface Tiling {
  readonly day: Span;
  readonly points: number;
}

/** The finest zoom that says more than the one before. */
export function finestZoom({ day, points }: Tiling): number {
  return Math.max(0, Math.ceil(Math.log2((day.toUs - day.fromUs) / points / FINEST_US)));
}

/** The zoom at which a view is drawn. */
export function zoomOf(tiling: Tiling, view: Span): number {
  const { day } = tiling;
  const zoom = Math.floor(Math.log2((day.toUs - day.fromUs) / (view.toUs - view.fromUs)));
  return Math.min(finestZoom(tiling), Math.max(0, zoom));
}

/** Microseconds of a tile. */
export function tileUs({ day }: Tiling, zoom: number): number {
  return (day.toUs - day.fromUs) / 2 ** zoom;
}

/** The tile in which a time lies; the nearest one for times outside of the day. */
export function tileAt(tiling: Tiling, zoom: number, us: number): number {
  const tile = Math.floor((us - tiling.day.fromUs) / tileUs(tiling, zoom));
  return Math.min(2 ** zoom - 1, Math.max(0, tile));
}

/** The last tile of which a view shows something. */
export function lastTile(tiling: Tiling, zoom: number, view: Span): number {
  return Math.max(tileAt(tiling, zoom, view.fromUs), tileAt(tiling, zoom, view.toUs - 1));
}

/** When a tile begins: whole microseconds. */
export function tileStart(tiling: Tiling, zoom: number, tile: number): number {
  return Math.round(tiling.day.fromUs + tile * tileUs(tiling, zoom));
}

/** The point of its tile in which a time lies. */
export function pointAt(tiling: Tiling, zoom: number, us: number): number {
  const length = tileUs(tiling, zoom);
  const into = us - tiling.day.fromUs - tileAt(tiling, zoom, us) * length;
  return Math.min(tiling.points - 1, Math.max(0, Math.floor((into / length) * tiling.points)));
}
