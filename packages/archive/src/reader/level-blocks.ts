import { LevelGrid, LevelsError, placeGaps } from "@audio/levels";
import type { Gap } from "@audio/segments";
import type { DeviceRange, Fingerprint, Overview, PlacedTrack } from "../catalogue/overview.js";

/** Time of a block: UTC, whole blocks since 1970. */
const BLOCK_US = 6 * 3_600_000_000;
/** Time of a point of a block. */
export const CELL_US = 5_000_000;
const CELLS = BLOCK_US / CELL_US;
// Some 110 days of a device, at 56 kB a block.
const MOST_BYTES = 32 * 1024 * 1024;

interface Block {
  readonly grid: LevelGrid;
  fingerprint: Fingerprint;
  /** Segments that have no track yet. */
  unmeasured: readonly number[];
  /** Of the catalogue, when it was last compared. */
  version: number;
}

/** Coarse levels of the devices that are looked at, kept as long as their segments are the same. */
export class LevelBlocks {
  readonly #overview: Overview;
  /** Those looked at last come last. */
  readonly #blocks = new Map<string, Block>();
  #bytes = 0;

  constructor(overview: Overview) {
    this.#overview = overview;
  }

  /** Adds a device's levels to a grid whose points are several times longer than 5 s. */
  addTo(grid: LevelGrid, { deviceId, fromUs, toUs }: DeviceRange): void {
    for (let block = Math.floor(fromUs / BLOCK_US); block * BLOCK_US < toUs; block++)
      grid.addGrid(this.#current(deviceId, block).grid);
  }

  #current(deviceId: number, number: number): Block {
    const key = `${deviceId}:${number}`;
    const range = { deviceId, fromUs: number * BLOCK_US, toUs: (number + 1) * BLOCK_US };
    const known = this.#blocks.get(key);
    this.#blocks.delete(key);
    const block = known !== undefined && this.#isUpToDate(known, range) ? known : this.#build(range);
    if (block !== known) this.#bytes += block.grid.byteLength - (known?.grid.byteLength ?? 0);
    this.#blocks.set(key, block);
    this.#forgetOldest();
    return block;
  }

  // New segments are added; when one is gone, the block is built anew.
  #isUpToDate(block: Block, range: DeviceRange): boolean {
    const { version } = this.#overview;
    if (block.version === version) return true;
    const { segments, idSum, lastId } = this.#overview.fingerprint(range, block.fingerprint.lastId);
    if (segments !== block.fingerprint.segments || idSum !== block.fingerprint.idSum) return false;
    const waited = block.unmeasured.length === 0 ? [] : this.#overview.tracksOf(block.unmeasured);
    const fingerprint = this.#overview.fingerprint(range); // first: what comes in between is added the next time
    const added = this.#overview.tracks(range, lastId, fingerprint.lastId);
    const found = new Set(waited.map(({ id }) => id));
    const unmeasured = block.unmeasured.filter((id) => !found.has(id));
    block.unmeasured = [...unmeasured, ...addTracks(block.grid, [...waited, ...added])];
    block.fingerprint = fingerprint;
    block.version = version;
    return true;
  }

  #build(range: DeviceRange): Block {
    const { version } = this.#overview;
    const fingerprint = this.#overview.fingerprint(range);
    const grid = new LevelGrid({ fromUs: range.fromUs, toUs: range.toUs, points: CELLS });
    const tracks = this.#overview.tracks(range, 0, fingerprint.lastId);
    return { grid, fingerprint, unmeasured: addTracks(grid, tracks), version };
  }

  #forgetOldest(): void {
    for (const [key, { grid }] of this.#blocks) {
      if (this.#bytes <= MOST_BYTES || this.#blocks.size === 1) return;
      this.#blocks.delete(key);
      this.#bytes -= grid.byteLength;
    }
  }
}

/** @returns numbers of the segments that are not measured */
export function addTracks(grid: LevelGrid, tracks: readonly PlacedTrack[]): number[] {
  const unmeasured: number[] = [];
  for (const { id, track, ...place } of tracks) {
    if (track === undefined) unmeasured.push(id);
    else addTrack(grid, { ...place, track });
  }
  return unmeasured;
}

/** Adds a segment's track; one that is damaged is left out. */
export function addTrack(
  grid: LevelGrid,
  { startUs, sampleRate, gaps, track }: Omit<PlacedTrack, "id" | "track"> & { readonly track: Uint8Array },
): void {
  const holes = gaps.length === 0 ? undefined : placeGaps(startUs, sampleRate, gaps as Gap[]).holes;
  try {
    grid.add({ startUs, track, holes });
  } catch (error) {
    if (!(error instanceof LevelsError)) throw error;
  }
}
