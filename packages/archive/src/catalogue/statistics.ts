import { SILENCE_DBFS } from "@audio/levels";
import type { Devices } from "./devices.js";
import type { Queries } from "./queries.js";

/** What was recorded of one device. */
export interface DeviceStatistics {
  readonly segments: number;
  /** UTC, microseconds since the epoch: start of the first segment and end of the last. */
  readonly firstUs: number;
  readonly lastUs: number;
  /** Microseconds of audio, streams that ran at the same time added up. */
  readonly recordedUs: number;
  /** Microseconds between the first and the last in which at least one stream was recorded. */
  readonly coveredUs: number;
  /** Undefined as long as no segment has been measured. */
  readonly levels: DeviceLevels | undefined;
}

/** Loudness of all segments of a device that were measured, in one. */
export interface DeviceLevels {
  /** dBFS, the loudest sample. */
  readonly peakDbfs: number;
  /** dBFS, mean power over time; to 0.1 dB or so. */
  readonly rmsDbfs: number;
  /** Samples at full scale. */
  readonly clippedSamples: number;
  /** Seconds in which every sample was the same. */
  readonly flatSeconds: number;
}

/** Questions about all segments. Those about a device read each of its rows: about 3 s for a million. */
export class Statistics {
  readonly #queries: Queries;
  readonly #devices: Devices;

  constructor(queries: Queries, devices: Devices) {
    this.#queries = queries;
    this.#devices = devices;
  }

  /** @param device undefined: senders without a name */
  of(device: string | undefined): DeviceStatistics | undefined {
    const rows = this.#queries.all<LoudnessRow>(BY_LOUDNESS, this.#devices.find(device) ?? -1);
    if (rows.length === 0) return undefined;
    return {
      segments: sum(rows, "segments"),
      firstUs: Math.min(...rows.map(({ firstUs }) => firstUs)),
      lastUs: Math.max(...rows.map(({ lastUs }) => lastUs)),
      recordedUs: sum(rows, "recordedUs"),
      coveredUs: sum(rows, "coveredUs"),
      levels: levelsOf(rows.filter(({ rmsDbfs }) => rmsDbfs !== null)),
    };
  }

  /** Bytes of the files that are there of segments that began in a time: UTC, microseconds since the epoch. */
  localBytes(fromUs: number, toUs: number): number {
    const [{ bytes }] = this.#queries.all<{ bytes: number }>(
      `SELECT IFNULL(SUM(bytes), 0) AS bytes FROM segments JOIN forms ON segment_id = segments.id
       WHERE start_us >= ? AND start_us < ? AND local = 1`,
      fromUs,
      toUs,
    );
    return bytes;
  }

  /**
   * When the first segment begins at or behind a time: UTC, microseconds since the epoch. Undefined: none does.
   * @param deviceId of this device alone (its number)
   */
  firstStartUs(fromUs: number, deviceId?: number): number | undefined {
    const [own, values] = deviceId === undefined ? ["", []] : ["AND device_id = ?", [deviceId]];
    const sql = `SELECT start_us AS us FROM segments WHERE start_us >= ? ${own} ORDER BY start_us LIMIT 1`;
    return this.#queries.all<{ us: number }>(sql, fromUs, ...values)[0]?.us;
  }
}

// In one pass, in order of time: each segment covers what those before it have not. Loudness in steps of 0.1 dB, for
// SQLite has no powers here.
const BY_LOUDNESS = `
SELECT ROUND(rms_dbfs, 1) AS rmsDbfs, COUNT(*) AS segments, MIN(start_us) AS firstUs, MAX(end_us) AS lastUs,
  SUM(end_us - start_us) AS recordedUs, SUM(MAX(0, end_us - MAX(start_us, IFNULL(covered_us, 0)))) AS coveredUs,
  MAX(peak_dbfs) AS peakDbfs, SUM(clipped_samples) AS clippedSamples, SUM(flat_seconds) AS flatSeconds
FROM (SELECT *, MAX(end_us) OVER (ORDER BY start_us, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS covered_us
  FROM segments WHERE device_id = ?)
GROUP BY 1`;

interface LoudnessRow {
  /** Null: segments that were not measured. */
  readonly rmsDbfs: number | null;
  readonly segments: number;
  readonly firstUs: number;
  readonly lastUs: number;
  readonly recordedUs: number;
  readonly coveredUs: number;
  readonly peakDbfs: number;
  readonly clippedSamples: number;
  readonly flatSeconds: number;
}

type Summed = "segments" | "recordedUs" | "coveredUs" | "clippedSamples" | "flatSeconds";

function sum(rows: readonly LoudnessRow[], field: Summed): number {
  return rows.reduce((total, row) => total + row[field], 0);
}

function levelsOf(rows: readonly LoudnessRow[]): DeviceLevels | undefined {
  if (rows.length === 0) return undefined;
  const energy = rows.reduce((total, row) => total + 10 ** ((row.rmsDbfs ?? 0) / 10) * row.recordedUs, 0);
  const rmsDbfs = 10 * Math.log10(energy / sum(rows, "recordedUs"));
  return {
    peakDbfs: Math.max(...rows.map(({ peakDbfs }) => peakDbfs)),
    rmsDbfs: Math.max(SILENCE_DBFS, Math.round(rmsDbfs * 10) / 10),
    clippedSamples: sum(rows, "clippedSamples"),
    flatSeconds: sum(rows, "flatSeconds"),
  };
}
