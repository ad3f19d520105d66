/** In place of a level: nothing was recorded. */
export const NOTHING = 255;

const ZOOMS = 32;
const TILES = 65_536;

/**
 * Levels of tiles, as many as there are rows: what was not looked at for the longest time makes room. All memory is
 * taken at once, and looking something up makes no object, so a page that is open for a day does not grow.
 */
export class LevelStore {
  readonly rows: number;
  readonly points: number;
  readonly #peak: Uint8Array;
  readonly #rms: Uint8Array;
  readonly #rowOf = new Map<number, number>();
  readonly #keyOf: Float64Array;
  readonly #lookedAt: Float64Array;
  readonly #isStale: Uint8Array;
  #clock = 0;

  /**
   * @param rows how many tiles of one device are kept
   * @param points levels of a tile
   */
  constructor(rows: number, points: number) {
    this.rows = rows;
    this.points = points;
    this.#peak = new Uint8Array(rows * points);
    this.#rms = new Uint8Array(rows * points);
    this.#keyOf = new Float64Array(rows).fill(-1);
    this.#lookedAt = new Float64Array(rows);
    this.#isStale = new Uint8Array(rows);
  }

  /** The row of a tile; −1: it is not here. */
  find(device: number, zoom: number, tile: number): number {
    const row = this.#rowOf.get(keyOf(device, zoom, tile));
    if (row === undefined) return -1;
    this.#lookedAt[row] = ++this.#clock;
    return row;
  }

  /** Keeps the levels of a tile. @returns its row */
  put(device: number, zoom: number, tile: number, peak: Uint8Array, rms: Uint8Array): number {
    const key = keyOf(device, zoom, tile);
    const row = this.#rowOf.get(key) ?? this.#leastLookedAt();
    this.#rowOf.delete(this.#keyOf[row]);
    this.#rowOf.set(key, row);
    this.#keyOf[row] = key;
    this.#lookedAt[row] = ++this.#clock;
    this.#isStale[row] = 0;
    this.#peak.set(peak, row * this.points);
    this.#rms.set(rms, row * this.points);
    return row;
  }

  /** Whether a tile must be asked for: it is not here, or what is here may have changed. */
  isWanted(device: number, zoom: number, tile: number): boolean {
    const row = this.find(device, zoom, tile);
    return row < 0 || this.#isStale[row] === 1;
  }

  /** Everything may have changed: it is shown until it is here anew. */
  expire(): void {
    this.#isStale.fill(1);
  }

  /** Peaks of a row: half decibels above −120 dBFS, or NOTHING. A view: what is written is kept. */
  peaks(row: number): Uint8Array {
    return this.#peak.subarray(row * this.points, (row + 1) * this.points);
  }

  /** Root mean squares of a row, as `peaks`. */
  rms(row: number): Uint8Array {
    return this.#rms.subarray(row * this.points, (row + 1) * this.points);
  }

  peakAt(row: number, point: number): number {
    return this.#peak[row * this.points + point];
  }

  rmsAt(row: number, point: number): number {
    return this.#rms[row * this.points + point];
  }

  /** Writes one point. */
  write(row: number, point: number, peak: number, rms: number): void {
    this.#peak[row * this.points + point] = peak;
    this.#rms[row * this.points + point] = rms;
  }

  #leastLookedAt(): number {
    let least = 0;
    for (let row = 1; row < this.rows; row++) if (this.#lookedAt[row] < this.#lookedAt[least]) least = row;
    return least;
  }
}

/** One number for a tile of a device: below 2^53 for any number of devices that a receiver knows. */
function keyOf(device: number, zoom: number, tile: number): number {
  return (device * ZOOMS + zoom) * TILES + tile;
}
