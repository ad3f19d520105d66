import type { Span } from "../time/view.js";
import type { LevelStore } from "./level-store.js";
import { lastTile, type Tiling, tileAt, zoomOf } from "./tiles.js";

/** Tiles that follow one another, of several devices: one request. */
export interface Wanted {
  readonly zoom: number;
  readonly first: number;
  readonly last: number;
  /** Numbers of the devices. */
  readonly devices: readonly number[];
}

/**
 * What must be asked for, to show a view; undefined: all is here. First what the view shows; then the whole day,
 * which stands in for whatever one goes to next.
 */
export function wantedFor(
  tiling: Tiling,
  store: LevelStore,
  view: Span,
  devices: readonly number[],
): Wanted | undefined {
  const zoom = zoomOf(tiling, view);
  const first = tileAt(tiling, zoom, view.fromUs);
  return (
    missing(store, zoom, first, lastTile(tiling, zoom, view), devices) ?? missing(store, 0, 0, 0, devices)
  );
}

function missing(
  store: LevelStore,
  zoom: number,
  from: number,
  to: number,
  devices: readonly number[],
): Wanted | undefined {
  let first = Number.POSITIVE_INFINITY;
  let last = -1;
  const those = devices.filter((device) => {
    let isMissing = false;
    for (let tile = from; tile <= to; tile++) {
      if (!store.isWanted(device, zoom, tile)) continue;
      isMissing = true;
      first = Math.min(first, tile);
      last = Math.max(last, tile);
    }
    return isMissing;
  });
  return last < 0 ? undefined : { zoom, first, last, devices: those };
}
