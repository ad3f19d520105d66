import type { Devices } from "./devices.js";
import type { Queries } from "./queries.js";
import { conditionsOf } from "./spans.js";

/** A stretch in which a device heard more than its usual background. */
export interface SoundEvent {
  readonly device: string | undefined;
  readonly streamId: number;
  /** UTC, microseconds since the epoch. */
  readonly startUs: number;
  readonly endUs: number;
  readonly peakDbfs: number;
  readonly backgroundDbfs: number;
  /** See `@audio/levels`. */
  readonly score: number;
}

/** Which sound events; all that is given must hold. */
export interface SoundQuery {
  /** Null: senders without a name. */
  readonly device?: string | null;
  readonly fromUs?: number;
  readonly toUs?: number;
  readonly minScore?: number;
  /** If there are more than `limit`: those with the highest score, not the earliest. */
  readonly loudest?: boolean;
  /** At most so many (default 10 000). */
  readonly limit?: number;
}

/** Sound events, and what their detectors know of each stream's background. */
export class Sounds {
  readonly #queries: Queries;
  readonly #devices: Devices;

  constructor(queries: Queries, devices: Devices) {
    this.#queries = queries;
    this.#devices = devices;
  }

  /** Takes an event; one that began at the same moment in the same stream is replaced (it went on). */
  put({ device, streamId, startUs, endUs, peakDbfs, backgroundDbfs, score }: SoundEvent): void {
    this.#queries.run(
      `INSERT INTO sounds(device_id, stream_id, start_us, end_us, peak_dbfs, background_dbfs, score)
       VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET end_us = excluded.end_us,
        peak_dbfs = excluded.peak_dbfs, background_dbfs = excluded.background_dbfs, score = excluded.score`,
      ...[this.#devices.idOf(device), streamId, startUs, endUs, peakDbfs, backgroundDbfs, score],
    );
  }

  /** In order of their start; of a device those that begin before `fromUs` are looked for among the last 64 there. */
  list({ device, fromUs, toUs, minScore, loudest = false, limit = 10_000 }: SoundQuery = {}): SoundEvent[] {
    const id = device === undefined ? undefined : (this.#devices.find(device ?? undefined) ?? -1);
    const { where, values } = conditionsOf("sounds", { deviceId: id, fromUs, toUs, minScore });
    const rows = this.#queries.all<SoundEvent & { readonly device: string }>(
      `SELECT * FROM (SELECT devices.name AS device, stream_id AS streamId, start_us AS startUs, end_us AS endUs,
        peak_dbfs AS peakDbfs, background_dbfs AS backgroundDbfs, score
       FROM sounds JOIN devices ON devices.id = device_id ${where}
       ORDER BY ${loudest ? "score DESC" : "start_us"} LIMIT ?) ORDER BY startUs`,
      ...values,
      limit,
    );
    return rows.map((row) => ({ ...row, device: row.device === "" ? undefined : row.device }));
  }

  /** How many of a device begin at or behind `fromUs` and before `toUs`. */
  count(device: string | undefined, fromUs: number, toUs: number): number {
    const sql = "SELECT COUNT(*) AS count FROM sounds WHERE device_id = ? AND start_us >= ? AND start_us < ?";
    return this.#queries.all<{ count: number }>(sql, this.#devices.find(device) ?? -1, fromUs, toUs)[0].count;
  }

  /** Forgets events of a stream that began in this stretch: nobody can hear them any more. */
  remove(device: string | undefined, streamId: number, fromUs: number, toUs: number): void {
    const sql = "DELETE FROM sounds WHERE device_id = ? AND stream_id = ? AND start_us >= ? AND start_us < ?";
    this.#queries.run(sql, this.#devices.find(device) ?? -1, streamId, fromUs, toUs);
  }

  /** What the detector of a stream carries from segment to segment: JSON. */
  state(device: string | undefined, streamId: number): string | undefined {
    const sql = "SELECT state FROM detectors WHERE device_id = ? AND stream_id = ?";
    return this.#queries.all<{ state: string }>(sql, this.#devices.idOf(device), streamId)[0]?.state;
  }

  setState(device: string | undefined, streamId: number, state: string): void {
    const sql = "INSERT OR REPLACE INTO detectors(device_id, stream_id, state) VALUES (?, ?, ?)";
    this.#queries.run(sql, this.#devices.idOf(device), streamId, state);
  }
}
