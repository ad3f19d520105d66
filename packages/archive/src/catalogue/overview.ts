import type { Gap } from "@audio/segments";
import type { Devices } from "./devices.js";
import type { Queries } from "./queries.js";

/** A device's number in the catalogue, and a range of time: UTC, microseconds since the epoch. */
export interface DeviceRange {
  readonly deviceId: number;
  readonly fromUs: number;
  readonly toUs: number;
}

/** Tells whether the segments of a range are still the same. */
export interface Fingerprint {
  readonly segments: number;
  readonly idSum: number;
  /** The largest number of them; 0 = there are none. */
  readonly lastId: number;
}

/** A segment's track, and what is needed to place it. */
export interface PlacedTrack {
  readonly id: number;
  readonly startUs: number;
  readonly sampleRate: number;
  readonly gaps: readonly Gap[];
  /** Undefined: not measured yet. */
  readonly track: Uint8Array | undefined;
}

/** Segments that follow one another, in one. */
export interface SegmentRun {
  readonly startUs: number;
  readonly endUs: number;
  /** Whether their files are here. */
  readonly isLocal: boolean;
}

/** What was recorded in a range. */
export interface RangeSums {
  /** Segments that began in it. */
  readonly segments: number;
  /** Microseconds of it in which at least one stream was recorded. */
  readonly recordedUs: number;
  /** dBFS; undefined while nothing is measured. */
  readonly peakDbfs: number | undefined;
  /** Whether all segments are measured. */
  readonly isMeasured: boolean;
}

/** Questions about all segments of a range at once, for pictures of it. A day of 8640 segments takes 1 to 50 ms. */
export class Overview {
  readonly #queries: Queries;
  readonly #devices: Devices;

  constructor(queries: Queries, devices: Devices) {
    this.#queries = queries;
    this.#devices = devices;
  }

  /** Another one whenever another connection has written. */
  get version(): number {
    return this.#queries.all<{ data_version: number }>("PRAGMA data_version")[0].data_version;
  }

  /** Reads the index alone: 1 ms for a day of 8640 segments. Counts all that could reach into the range. */
  fingerprint(range: DeviceRange, upToId = Number.MAX_SAFE_INTEGER): Fingerprint {
    const sql = `SELECT COUNT(*) AS segments, IFNULL(SUM(id), 0) AS idSum, IFNULL(MAX(id), 0) AS lastId
      FROM segments WHERE device_id = ? AND start_us > ? AND start_us < ? AND id <= ?`;
    const { deviceId, toUs } = range;
    return this.#queries.all<Fingerprint>(sql, deviceId, this.#earliest(range), toUs, upToId)[0];
  }

  /** Tracks of segments that reach into a range, with numbers above `afterId` up to `upToId`, in order of their start. */
  tracks(range: DeviceRange, afterId = 0, upToId = Number.MAX_SAFE_INTEGER): PlacedTrack[] {
    const { deviceId, fromUs, toUs } = range;
    const sql = `${TRACKS} WHERE device_id = ? AND start_us > ? AND start_us < ? AND end_us > ?
      AND segments.id > ? AND segments.id <= ? ORDER BY start_us`;
    const values = [deviceId, this.#earliest(range), toUs, fromUs, afterId, upToId];
    return this.#queries.all<TrackRow>(sql, ...values).map(trackFrom);
  }

  /** Tracks of these segments, as far as they are measured. */
  tracksOf(ids: readonly number[]): PlacedTrack[] {
    const sql = `${TRACKS} WHERE segments.id IN (SELECT value FROM json_each(?)) AND track IS NOT NULL`;
    return this.#queries.all<TrackRow>(sql, JSON.stringify(ids)).map(trackFrom);
  }

  /** Which of these segments the catalogue has. */
  known(stems: readonly string[]): Set<string> {
    const sql = "SELECT stem FROM segments WHERE stem IN (SELECT value FROM json_each(?))";
    return new Set(this.#queries.all<{ stem: string }>(sql, JSON.stringify(stems)).map(({ stem }) => stem));
  }

  /**
   * What was recorded: segments that begin no later than `toleranceUs` after the end of all before, and are in the same
   * place, are one.
   */
  runs(range: DeviceRange, toleranceUs: number): SegmentRun[] {
    const { deviceId, fromUs, toUs } = range;
    const values = [toleranceUs, deviceId, this.#earliest(range), toUs, fromUs];
    const rows = this.#queries.all<{ startUs: number; endUs: number; isLocal: 0 | 1 }>(RUNS, ...values);
    return rows.map((row) => ({ ...row, isLocal: row.isLocal === 1 }));
  }

  sums(range: DeviceRange): RangeSums {
    const { deviceId, fromUs, toUs } = range;
    const values = [fromUs, toUs, deviceId, this.#earliest(range)];
    const [row] = this.#queries.all<SumsRow>(SUMS, ...values);
    const { segments, recordedUs, peakDbfs, reaching, measured } = row;
    return { segments, recordedUs, peakDbfs: peakDbfs ?? undefined, isMeasured: measured === reaching };
  }

  // Nothing that begins at this time or before reaches into the range.
  #earliest({ deviceId, fromUs }: DeviceRange): number {
    return fromUs - this.#devices.longestUs(deviceId) - 1;
  }
}

const TRACKS = `SELECT segments.id, start_us AS startUs, sample_rate AS sampleRate, gaps, track
  FROM segments LEFT JOIN tracks ON segment_id = segments.id`;

interface TrackRow {
  readonly id: number;
  readonly startUs: number;
  readonly sampleRate: number;
  readonly gaps: string | null;
  readonly track: ArrayBuffer | null;
}

function trackFrom({ id, startUs, sampleRate, gaps, track }: TrackRow): PlacedTrack {
  return {
    id,
    startUs,
    sampleRate,
    gaps: gaps === null ? [] : JSON.parse(gaps),
    track: track === null ? undefined : new Uint8Array(track),
  };
}

const BEFORE = "OVER (ORDER BY start_us, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)";

const RUNS = `
SELECT MIN(start_us) AS startUs, MAX(end_us) AS endUs, is_local AS isLocal FROM (
  SELECT *, SUM(begins) OVER (ORDER BY start_us, id) AS run FROM (
    SELECT id, start_us, end_us, local_forms > 0 AS is_local,
      start_us > IFNULL(MAX(end_us) ${BEFORE}, start_us - 1e9) + ?
        OR (local_forms > 0) <> IFNULL(LAG(local_forms > 0) OVER (ORDER BY start_us, id), -1) AS begins
    FROM segments WHERE device_id = ? AND start_us > ? AND start_us < ? AND end_us > ?))
GROUP BY run, is_local ORDER BY startUs`;

interface SumsRow {
  readonly segments: number;
  readonly recordedUs: number;
  readonly peakDbfs: number | null;
  readonly reaching: number;
  readonly measured: number;
}

// In order of time: each segment covers what those before it have not.
const SUMS = `
SELECT IFNULL(SUM(start_us >= ?1), 0) AS segments, MAX(peak_dbfs) AS peakDbfs, COUNT(*) AS reaching,
  COUNT(peak_dbfs) AS measured,
  IFNULL(SUM(MAX(0, MIN(end_us, ?2) - MAX(start_us, ?1, IFNULL(covered_us, 0)))), 0) AS recordedUs
FROM (SELECT start_us, end_us, peak_dbfs, MAX(end_us) ${BEFORE} AS covered_us
  FROM segments WHERE device_id = ?3 AND start_us > ?4 AND start_us < ?2 AND end_us > ?1)`;
