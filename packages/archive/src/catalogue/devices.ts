import type { Queries } from "./queries.js";

/** What the catalogue holds of one device. */
export interface DeviceSummary {
  /** Undefined: senders that gave no name, all of them together. */
  readonly device: string | undefined;
  readonly segments: number;
  /** UTC, microseconds since the epoch: start of the first and end of the last segment. */
  readonly firstUs: number;
  readonly lastUs: number;
  readonly usage: readonly FormUsage[];
}

/** How much there is of one form. */
export interface FormUsage {
  readonly form: string;
  readonly localFiles: number;
  readonly localBytes: number;
  readonly remoteFiles: number;
  readonly remoteBytes: number;
}

/** Names of devices and their numbers in the catalogue. */
export class Devices {
  readonly #queries: Queries;

  constructor(queries: Queries) {
    this.#queries = queries;
  }

  /** The number of a device, which gets one if it has none. */
  idOf(device: string | undefined): number {
    const known = this.find(device);
    if (known !== undefined) return known;
    this.#queries.run("INSERT INTO devices(name) VALUES (?)", device ?? "");
    return this.idOf(device);
  }

  /** The number of a device that is known. */
  find(device: string | undefined): number | undefined {
    return this.#queries.all<{ id: number }>("SELECT id FROM devices WHERE name = ?", device ?? "")[0]?.id;
  }

  /** Microseconds that no segment of a device (its number) is longer than. */
  longestUs(id: number): number {
    return (
      this.#queries.all<{ us: number }>("SELECT longest_us AS us FROM devices WHERE id = ?", id)[0]?.us ?? 0
    );
  }

  /** Names of devices that have segments; undefined: senders that gave none. */
  names(): (string | undefined)[] {
    const sql = `SELECT name FROM devices WHERE EXISTS (SELECT 1 FROM segments WHERE device_id = devices.id)
      ORDER BY name`;
    return this.#queries.all<{ name: string }>(sql).map(({ name }) => (name === "" ? undefined : name));
  }

  /** Devices that have segments, by name. */
  summaries(): DeviceSummary[] {
    const rows = this.#queries.all<DeviceRow>("SELECT id, name FROM devices ORDER BY name");
    return rows.map((row) => this.#summary(row)).filter(({ segments }) => segments > 0);
  }

  /** Sizes per form, of one device (its number) or all together. */
  usage(id?: number): FormUsage[] {
    return this.#queries.all<FormUsage>(
      `SELECT form, SUM(local_files) AS localFiles, SUM(local_bytes) AS localBytes,
        SUM(remote_files) AS remoteFiles, SUM(remote_bytes) AS remoteBytes
       FROM usage WHERE ?1 IS NULL OR device_id = ?1 GROUP BY form ORDER BY form`,
      id ?? null,
    );
  }

  // Segments of several streams may overlap: which of the last ones ends last is not known from their order.
  #summary({ id, name }: DeviceRow): DeviceSummary {
    const [range] = this.#queries.all<Pick<DeviceSummary, "segments" | "firstUs" | "lastUs">>(
      `SELECT COUNT(*) AS segments, MIN(start_us) AS firstUs, (SELECT MAX(end_us) FROM
        (SELECT end_us FROM segments WHERE device_id = ?1 ORDER BY start_us DESC LIMIT 16)) AS lastUs
       FROM segments WHERE device_id = ?1`,
      id,
    );
    return { device: name === "" ? undefined : name, ...range, usage: this.usage(id) };
  }
}

interface DeviceRow {
  readonly id: number;
  readonly name: string;
}
