import type { Source } from "../events.js";
import type { Devices } from "./devices.js";
import type { Queries } from "./queries.js";

/** A sender that was accepted. */
export interface ConnectionOpened {
  readonly device: string | undefined;
  /** The sender's number for the stream. */
  readonly streamId: number;
  readonly source: Source;
  /** How its audio arrived: `pcm16`, `ima-adpcm`, `raw-pcm`. */
  readonly codec: string;
  /** Address and port. */
  readonly peer: string;
  /** UTC, microseconds since the epoch. */
  readonly openedUs: number;
}

/** How it ended. */
export interface ConnectionClosed {
  /** UTC, microseconds since the epoch. */
  readonly closedUs: number;
  /** `peer-closed`, `connection-lost`, `refused`, `idle`, `server-stopping`. */
  readonly cause: string;
  /** What was wrong; else empty. */
  readonly detail: string;
  /** Sample frames recorded. */
  readonly samples: number;
  /** Frames that never came. */
  readonly lostFrames: number;
}

/** One connection of a device. */
export interface Connection extends ConnectionOpened {
  /** Null: it is connected, or nobody saw its end. */
  readonly closedUs: number | null;
  /** Null: it is connected. `unknown`: the receiver was killed meanwhile. */
  readonly cause: string | null;
  readonly detail: string;
  readonly samples: number | null;
  readonly lostFrames: number | null;
}

/** Which connections; all that is given must hold. */
export interface ConnectionQuery {
  /** Null: senders without a name. */
  readonly device: string | null;
  /** UTC, microseconds since the epoch: connections that ended after `fromUs` and began before `toUs`. */
  readonly fromUs?: number;
  readonly toUs?: number;
  /** At most so many (default 100). */
  readonly limit?: number;
}

/** A device keeps its last so many, and all of them together. Some 200 bytes each. */
export const MOST_CONNECTIONS = { ofDevice: 10_000, inAll: 1_000_000 } as const;
// To count them takes a millisecond for a device and 50 for all, so it is not done for each.
const OVER_DEVICE = 100;
const OVER_ALL = 10_000;
const COUNTED_DEVICES = 10_000;
const ALL = 0;
const OF_DEVICE = "WHERE device_id = ?1";
const OF_ALL = "WHERE ?1 = 0";

/** When devices were connected: the history of each, bounded. */
export class Connections {
  readonly #queries: Queries;
  readonly #devices: Devices;
  /** Connections of a device, by its number; of all under `ALL`. */
  readonly #counts = new Map<number, number>();

  constructor(queries: Queries, devices: Devices) {
    this.#queries = queries;
    this.#devices = devices;
  }

  /**
   * A sender was accepted.
   * @param run names a run of the receiver
   * @param key names the connection within it
   */
  open(run: string, key: number, opened: ConnectionOpened): void {
    const { device, streamId, source, codec, peer, openedUs } = opened;
    const deviceId = this.#devices.idOf(device);
    const isNew = this.#queries.run(
      `INSERT INTO connections(run, key, device_id, stream_id, source, codec, peer, opened_us)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      ...[run, key, deviceId, streamId, source, codec, peer, openedUs],
    );
    if (isNew > 0) this.#bound(deviceId);
  }

  /** It ended; one that is not known counts for nothing. */
  close(run: string, key: number, { closedUs, cause, detail, samples, lostFrames }: ConnectionClosed): void {
    this.#queries.run(
      `UPDATE connections SET closed_us = ?, cause = ?, detail = ?, samples = ?, lost_frames = ?
       WHERE run = ? AND key = ? AND closed_us IS NULL AND cause IS NULL`,
      ...[closedUs, cause, detail, samples, lostFrames, run, key],
    );
  }

  /** Of connections of other runs nobody will see the end: it is `unknown`. */
  endOthers(run: string): number {
    const sql =
      "UPDATE connections SET cause = 'unknown' WHERE closed_us IS NULL AND cause IS NULL AND run <> ?";
    return this.#queries.run(sql, run);
  }

  /** Latest first. */
  list({ device, fromUs, toUs, limit = 100 }: ConnectionQuery): Connection[] {
    const rows = this.#queries.all<Omit<Connection, "device">>(
      `SELECT stream_id AS streamId, source, codec, peer, opened_us AS openedUs, closed_us AS closedUs, cause, detail,
        samples, lost_frames AS lostFrames FROM connections WHERE device_id = ?1
       AND (?2 IS NULL OR closed_us IS NULL OR closed_us > ?2) AND (?3 IS NULL OR opened_us < ?3)
       ORDER BY opened_us DESC, id DESC LIMIT ?4`,
      ...[this.#devices.find(device ?? undefined) ?? -1, fromUs ?? null, toUs ?? null, limit],
    );
    return rows.map((row) => ({ ...row, device: device ?? undefined }));
  }

  #bound(deviceId: number): void {
    if (this.#counts.size > COUNTED_DEVICES) this.#counts.clear();
    const { ofDevice, inAll } = MOST_CONNECTIONS;
    const counted = (id: number, where: string) =>
      this.#counts.has(id) ? (this.#counts.get(id) as number) + 1 : this.#count(id, where);
    const [here, all] = [counted(deviceId, OF_DEVICE), counted(ALL, OF_ALL)];
    this.#counts.set(deviceId, here).set(ALL, all);
    if (here >= ofDevice + OVER_DEVICE) {
      this.#removeOldest(deviceId, `${OF_DEVICE} ORDER BY opened_us`, here - ofDevice);
      this.#counts.set(deviceId, ofDevice).set(ALL, all - (here - ofDevice));
    } else if (all >= inAll + OVER_ALL) {
      this.#removeOldest(ALL, `${OF_ALL} ORDER BY id`, all - inAll);
      this.#counts.clear();
    }
  }

  #removeOldest(counted: number, which: string, count: number): void {
    const oldest = `SELECT id FROM connections ${which} LIMIT ?2`;
    this.#queries.run(`DELETE FROM connections WHERE id IN (${oldest})`, counted, count);
  }

  #count(counted: number, where: string): number {
    const sql = `SELECT COUNT(*) AS count FROM connections ${where}`;
    return this.#queries.all<{ count: number }>(sql, counted)[0].count;
  }
}
