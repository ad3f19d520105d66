import type { GapCause } from "@audio/segments";
import type { Source } from "../events.js";
import type { GapRecord } from "../gaps/gap-record.js";
import type { Devices } from "./devices.js";
import type { Queries } from "./queries.js";
import { conditionsOf } from "./spans.js";

/** Which gaps; all that is given must hold. */
export interface CataloguedGapQuery {
  /** Null: senders without a name. */
  readonly device?: string | null;
  readonly cause?: GapCause;
  /** UTC, microseconds since the epoch: gaps that end after `fromUs` and begin before `toUs`. */
  readonly fromUs?: number;
  readonly toUs?: number;
  /** If there are more than `limit`: the longest ones, not the earliest. */
  readonly longest?: boolean;
  /** At most so many (default 10 000). */
  readonly limit?: number;
}

/** Gaps of one cause, together. */
export interface GapTotal {
  readonly cause: GapCause;
  readonly gaps: number;
  /** Microseconds of audio. */
  readonly lengthUs: number;
}

/** The gap ledger's lines, to be searched by device and time. */
export class Gaps {
  readonly #queries: Queries;
  readonly #devices: Devices;

  constructor(queries: Queries, devices: Devices) {
    this.#queries = queries;
    this.#devices = devices;
  }

  /** Takes a gap, once. */
  put({
    device,
    startUs,
    endUs,
    lengthUs,
    gaps,
    samples,
    sampleRate,
    cause,
    filled,
    ...who
  }: GapRecord): void {
    this.#queries.run(
      `INSERT INTO gaps(device_id, start_us, end_us, length_us, gaps, samples, sample_rate, cause, filled, source, stream_id)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      ...[this.#devices.idOf(device), startUs, endUs, lengthUs, gaps, samples, sampleRate, cause],
      ...[filled ? 1 : 0, who.source, who.streamId ?? null],
    );
  }

  /** In order of their start; of a device those that begin before `fromUs` are looked for among the last 64 there. */
  list({
    device,
    cause,
    fromUs,
    toUs,
    longest = false,
    limit = 10_000,
  }: CataloguedGapQuery = {}): GapRecord[] {
    const id = device === undefined ? undefined : (this.#devices.find(device ?? undefined) ?? -1);
    const { where, values } = conditionsOf("gaps", { deviceId: id, fromUs, toUs, cause });
    const rows = this.#queries.all<GapRow>(
      `SELECT * FROM (SELECT gaps.*, devices.name AS device FROM gaps JOIN devices ON devices.id = device_id ${where}
       ORDER BY ${longest ? "length_us DESC" : "start_us"} LIMIT ?) ORDER BY start_us`,
      ...values,
      limit,
    );
    return rows.map(gapFrom);
  }

  /** What is missing of a device, by cause. */
  totals(device: string | undefined): GapTotal[] {
    return this.#queries.all<GapTotal>(
      `SELECT cause, SUM(gaps) AS gaps, SUM(length_us) AS lengthUs FROM gaps WHERE device_id = ? GROUP BY cause`,
      this.#devices.find(device) ?? -1,
    );
  }
}

interface GapRow {
  readonly device: string;
  readonly start_us: number;
  readonly end_us: number;
  readonly length_us: number;
  readonly gaps: number;
  readonly samples: number;
  readonly sample_rate: number;
  readonly cause: GapCause;
  readonly filled: 0 | 1;
  readonly source: Source;
  readonly stream_id: number | null;
}

function gapFrom(row: GapRow): GapRecord {
  return {
    device: row.device === "" ? undefined : row.device,
    source: row.source,
    streamId: row.stream_id ?? undefined,
    startUs: row.start_us,
    endUs: row.end_us,
    lengthUs: row.length_us,
    gaps: row.gaps,
    samples: row.samples,
    sampleRate: row.sample_rate,
    cause: row.cause,
    filled: row.filled === 1,
  };
}
