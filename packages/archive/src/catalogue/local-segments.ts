import type { Queries } from "./queries.js";
import type { LocalForm } from "./segments.js";

/** What a device takes on the disk. */
export interface LocalUsage {
  /** Its number in the catalogue. */
  readonly deviceId: number;
  /** Undefined: senders that gave no name. */
  readonly device: string | undefined;
  /** Bytes of all its files. */
  readonly bytes: number;
}

/** A segment that has files here. */
export interface LocalSegment {
  readonly id: number;
  readonly stem: string;
  readonly device: string | undefined;
  /** UTC, microseconds since the epoch. */
  readonly startUs: number;
  readonly endUs: number;
  /** Whether its audio, in one form or another, was verified in a store. */
  readonly isSaved: boolean;
  /** Whether the frames as received were verified in a store, or are not here. */
  readonly isBinSaved: boolean;
  /** The files here. */
  readonly forms: readonly LocalForm[];
  /** Bytes of the files here. */
  readonly bytes: number;
}

/** Which segments with files here. */
export interface LocalSegmentQuery {
  readonly deviceId: number;
  readonly isSaved: boolean;
  /** UTC, microseconds since the epoch: segments that begin at or after `fromUs` and before `toUs`. */
  readonly fromUs: number;
  readonly toUs: number;
  /** The segment behind which to go on. */
  readonly after?: { readonly startUs: number; readonly id: number };
  readonly limit: number;
}

/** The catalogue as whoever makes room on the disk needs it. */
export class LocalSegments {
  readonly #queries: Queries;

  constructor(queries: Queries) {
    this.#queries = queries;
  }

  /** Devices that have files here, by number. */
  usage(): LocalUsage[] {
    const rows = this.#queries.all<{ id: number; name: string; bytes: number }>(
      `SELECT devices.id, name, SUM(local_bytes) AS bytes FROM usage JOIN devices ON devices.id = device_id
       GROUP BY devices.id HAVING SUM(local_files) > 0 ORDER BY devices.id`,
    );
    return rows.map(({ id, name, bytes }) => ({
      deviceId: id,
      device: name === "" ? undefined : name,
      bytes,
    }));
  }

  /** In order of their start: oldest first. */
  oldest({ deviceId, isSaved, fromUs, toUs, after, limit }: LocalSegmentQuery): LocalSegment[] {
    const from = after ?? { startUs: fromUs, id: 0 };
    const rows = this.#queries.all<LocalRow>(
      `SELECT segments.id, stem, name, start_us, end_us, (SELECT json_group_array(json_array(form, bytes, bucket IS NOT NULL))
        FROM forms WHERE segment_id = segments.id AND local = 1) AS forms
       FROM segments JOIN devices ON devices.id = device_id
       WHERE device_id = ? AND (remote_audio > 0) = ? AND local_forms > 0 AND (start_us, segments.id) > (?, ?)
       AND start_us < ? ORDER BY start_us, segments.id LIMIT ?`,
      ...[deviceId, isSaved ? 1 : 0, from.startUs, from.id, toUs, limit],
    );
    return rows.map((row) => segmentFrom(row, isSaved));
  }
}

interface LocalRow {
  readonly id: number;
  readonly stem: string;
  readonly name: string;
  readonly start_us: number;
  readonly end_us: number;
  readonly forms: string;
}

function segmentFrom(row: LocalRow, isSaved: boolean): LocalSegment {
  const files = JSON.parse(row.forms) as [form: LocalForm["form"], bytes: number, isRemote: 0 | 1][];
  const { id, stem, start_us: startUs, end_us: endUs } = row;
  return {
    id,
    stem,
    device: row.name === "" ? undefined : row.name,
    startUs,
    endUs,
    isSaved,
    isBinSaved: !files.some(([form, , isRemote]) => form === "bin" && isRemote === 0),
    forms: files.map(([form, bytes]) => ({ form, bytes })),
    bytes: files.reduce((sum, [, bytes]) => sum + bytes, 0),
  };
}
