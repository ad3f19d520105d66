import { LevelGrid } from "@audio/levels";
import type { Gap } from "@audio/segments";
import type { Catalogue } from "../catalogue/catalogue.js";
import { addTrack, addTracks, CELL_US, LevelBlocks } from "./level-blocks.js";

/** Levels of a segment that the catalogue may not have yet. */
export interface LiveTrack {
  readonly stem: string;
  /** UTC, microseconds since the epoch. */
  readonly startUs: number;
  readonly sampleRate: number;
  readonly gaps: readonly Gap[];
  /** See `@audio/levels`. */
  readonly track: Uint8Array;
}

/** Whose loudness over which time. */
export interface LevelsQuery {
  /** Null: senders without a name. */
  readonly device: string | null;
  /** UTC, microseconds since the epoch. */
  readonly fromUs: number;
  readonly toUs: number;
  readonly points: number;
  /** Counted in as far as the catalogue does not have them. */
  readonly live: readonly LiveTrack[];
}

// A point that lies beside a cell's edge takes in up to one cell more: a quarter of it at most.
const CELLS_PER_POINT = 4;

/** Answers for peaks, then RMS: a byte for each point, half decibels above −120 dBFS, 255 = nothing. */
export function levelsFrom({ devices, overview }: Catalogue): (query: LevelsQuery) => Uint8Array {
  const blocks = new LevelBlocks(overview);
  return ({ device, fromUs, toUs, points, live }) => {
    const grid = new LevelGrid({ fromUs, toUs, points });
    const deviceId = devices.find(device ?? undefined);
    if (deviceId !== undefined) {
      const range = { deviceId, fromUs, toUs };
      if ((toUs - fromUs) / points >= CELLS_PER_POINT * CELL_US) blocks.addTo(grid, range);
      else addTracks(grid, overview.tracks(range));
    }
    const known = live.length === 0 ? new Set() : overview.known(live.map(({ stem }) => stem));
    for (const track of live) if (!known.has(track.stem)) addTrack(grid, track);
    const { peak, rms } = grid.lane();
    const answer = new Uint8Array(points * 2);
    answer.set(peak);
    answer.set(rms, points);
    return answer;
  };
}
