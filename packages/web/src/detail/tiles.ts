/** A stretch that is fetched and computed as one; views are made of them. */
export interface Tile {
  readonly device: string;
  readonly fromUs: number;
  readonly toUs: number;
}

const SECOND_US = 1_000_000;
/** Nobody sees more in less: 2 s over a wide screen are 1 ms a pixel. */
const SHORTEST_US = 2 * SECOND_US;

/** Longest view that is shown in detail: some two minutes. */
export const LONGEST_VIEW_US = 128 * SECOND_US;

/** The tiles that a view needs: as long as the view or up to twice that, so one to three, and the same while it pans. */
export function tilesFor(device: string, fromUs: number, toUs: number): Tile[] {
  const length = Math.max(SHORTEST_US, 2 ** Math.ceil(Math.log2((toUs - fromUs) / SECOND_US)) * SECOND_US);
  const tiles: Tile[] = [];
  for (let at = Math.floor(fromUs / length) * length; at < toUs; at += length)
    tiles.push({ device, fromUs: at, toUs: at + length });
  return tiles;
}

export function tileKey({ device, fromUs, toUs }: Tile): string {
  return `${device} ${fromUs} ${toUs}`;
}
