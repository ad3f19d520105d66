import type { SegmentLevels } from "@audio/levels";
import type { Devices } from "./devices.js";
import type { Queries } from "./queries.js";
import { NAME } from "./schema.js";
import { type Form, type RemoteCopy, type Segment, type SegmentFacts, segmentEndUs } from "./segment.js";
import { type SegmentRow, segmentFrom } from "./segment-row.js";

/** Which segments; all that is given must hold. */
export interface SegmentQuery {
  /** Null: senders without a name. */
  readonly device?: string | null;
  readonly streamId?: number;
  /** UTC, microseconds since the epoch: segments that reach beyond `fromUs` and begin before `toUs`. */
  readonly fromUs?: number;
  readonly toUs?: number;
  /** Those with files here, or those without. */
  readonly isLocal?: boolean;
  /** The segment behind which to go on, in the order asked for. */
  readonly after?: { readonly startUs: number; readonly id: number };
  /** Latest first. */
  readonly descending?: boolean;
  /** At most so many (default 1000). */
  readonly limit?: number;
}

/** A file of a segment. */
export interface LocalForm {
  readonly form: Form;
  readonly bytes: number;
}

/** Peaks and levels over time of a segment. */
export interface SegmentTrack {
  readonly startUs: number;
  readonly endUs: number;
  /** See `@audio/levels`. */
  readonly track: Uint8Array;
}

const COLUMNS = `segments.*, devices.name AS device, (SELECT json_group_array(
  json_array(form, bytes, local, bucket, key, verified_us)) FROM forms WHERE segment_id = segments.id) AS forms`;
const FROM = "FROM segments JOIN devices ON devices.id = segments.device_id";

/** The catalogue's segments, whatever their forms. */
export class Segments {
  readonly #queries: Queries;
  readonly #devices: Devices;

  constructor(queries: Queries, devices: Devices) {
    this.#queries = queries;
    this.#devices = devices;
  }

  /**
   * Adds a segment with its files; of one that is known, facts are replaced and files added. Levels that the facts do
   * not have stay.
   * @returns its id
   */
  put(facts: SegmentFacts, forms: readonly LocalForm[]): number {
    const deviceId = this.#devices.idOf(facts.device);
    const { stem, startUs, streamId, sampleRate, channels, bitsPerSample, samples, gaps } = facts;
    const endUs = segmentEndUs(facts);
    const source = facts.source ?? null;
    const shape = [streamId, sampleRate, channels, bitsPerSample, startUs, endUs, samples];
    const told = gaps.length === 0 ? null : JSON.stringify(gaps);
    const [{ id }] = this.#queries.all<{ id: number }>(PUT, stem, deviceId, source, ...shape, told);
    this.#queries.run(MOVE, deviceId, id);
    const longest = "UPDATE devices SET longest_us = ?1 WHERE id = ?2 AND longest_us < ?1";
    this.#queries.run(longest, endUs - startUs, deviceId);
    if (facts.levels !== undefined) this.setLevels(id, facts.levels);
    for (const { form, bytes } of forms) this.addLocal(id, form, bytes);
    return id;
  }

  /** A file of a known segment is there, with this size. */
  addLocal(id: number, form: Form, bytes: number): void {
    this.#queries.run(
      `INSERT INTO forms(segment_id, form, device_id, bytes, local)
       SELECT id, ?2, device_id, ?3, 1 FROM segments WHERE id = ?1
       ON CONFLICT DO UPDATE SET local = 1, bytes = excluded.bytes WHERE local = 0 OR bytes <> excluded.bytes`,
      id,
      form,
      bytes,
    );
  }

  /** A file is gone. A segment that is left with no form at all goes too. */
  removeLocal(id: number, form: Form): void {
    this.#queries.run("UPDATE forms SET local = 0 WHERE segment_id = ? AND form = ?", id, form);
    this.#forget(id, form);
  }

  /** An object is gone. A segment that is left with no form at all goes too. */
  removeRemote(id: number, form: Form, key: string): void {
    const sql = `UPDATE forms SET bucket = NULL, key = NULL, verified_us = NULL
      WHERE segment_id = ? AND form = ? AND key = ?`;
    this.#queries.run(sql, id, form, key);
    this.#forget(id, form);
  }

  /** An object with this content is in a store; `bytes` matters when there is no file. */
  setRemote(id: number, form: Form, bytes: number, { bucket, key, verifiedUs }: RemoteCopy): void {
    this.#queries.run(
      `INSERT INTO forms(segment_id, form, device_id, bytes, local, bucket, key, verified_us)
       SELECT id, ?2, device_id, ?3, 0, ?4, ?5, ?6 FROM segments WHERE id = ?1
       ON CONFLICT DO UPDATE SET bucket = excluded.bucket, key = excluded.key, verified_us = excluded.verified_us,
        bytes = IIF(local = 1, bytes, excluded.bytes)`,
      ...[id, form, bytes, bucket, key, verifiedUs ?? null],
    );
  }

  setLevels(id: number, { peakDbfs, rmsDbfs, clippedSamples, flatSeconds, track }: SegmentLevels): void {
    const changed = this.#queries.run(
      "UPDATE segments SET peak_dbfs = ?, rms_dbfs = ?, clipped_samples = ?, flat_seconds = ? WHERE id = ?",
      ...[peakDbfs, rmsDbfs, clippedSamples, flatSeconds, id],
    );
    if (changed === 0) return;
    const stored = Buffer.from(track.buffer, track.byteOffset, track.byteLength);
    this.#queries.run("INSERT OR REPLACE INTO tracks(segment_id, track) VALUES (?, ?)", id, stored);
  }

  byId(id: number): Segment | undefined {
    return this.#rows(`SELECT ${COLUMNS} ${FROM} WHERE segments.id = ?`, id)[0];
  }

  byStem(stem: string): Segment | undefined {
    return this.#rows(`SELECT ${COLUMNS} ${FROM} WHERE stem = ?`, stem)[0];
  }

  /**
   * Those whose stem ends with `/name`, whatever the folders, and that begin within `fromUs … toUs`: in order of their
   * start, 100 at most.
   */
  named(name: string, fromUs: number, toUs: number): Segment[] {
    const where = `WHERE ${NAME} = ? AND start_us >= ? AND start_us < ?`;
    const sql = `SELECT ${COLUMNS} ${FROM} ${where} ORDER BY start_us, stem LIMIT 100`;
    return this.#rows(sql, name, fromUs, toUs);
  }

  /** In order of their start. */
  list(query: SegmentQuery = {}): Segment[] {
    const { where, values } = this.#condition(query);
    const order = query.descending ? "start_us DESC, segments.id DESC" : "start_us, segments.id";
    const sql = `SELECT ${COLUMNS} ${FROM} ${where} ORDER BY ${order} LIMIT ?`;
    return this.#rows(sql, ...values, query.limit ?? 1000);
  }

  /** All that match, a page at a time; what is added or removed meanwhile may be missed. */
  *each(query: Omit<SegmentQuery, "after" | "limit"> = {}): Generator<Segment> {
    let after: Segment | undefined;
    do {
      const page = this.list({ ...query, after });
      yield* page;
      after = page.at(-1);
    } while (after !== undefined);
  }

  /** Peaks over time of the segments that match and were measured, in order of their start. */
  tracks(query: SegmentQuery): SegmentTrack[] {
    const { where, values } = this.#condition(query);
    const sql = `SELECT start_us AS startUs, end_us AS endUs, track FROM segments
      JOIN tracks ON segment_id = segments.id ${where} ORDER BY start_us, segments.id LIMIT ?`;
    const rows = this.#queries.all<{ startUs: number; endUs: number; track: ArrayBuffer }>(
      sql,
      ...values,
      query.limit ?? 100_000,
    );
    return rows.map(({ track, ...range }) => ({ ...range, track: new Uint8Array(track) }));
  }

  #forget(id: number, form: Form): void {
    const lost = "DELETE FROM forms WHERE segment_id = ? AND form = ? AND local = 0 AND bucket IS NULL";
    this.#queries.run(lost, id, form);
    const empty =
      "DELETE FROM segments WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM forms WHERE segment_id = ?1)";
    this.#queries.run(empty, id);
  }

  #condition({ device, streamId, fromUs, toUs, isLocal, after, descending }: SegmentQuery) {
    const conditions: string[] = [];
    const values: number[] = [];
    const and = (sql: string, ...operands: number[]) => {
      conditions.push(sql);
      values.push(...operands);
    };
    if (device !== undefined) and("device_id = ?", this.#devices.find(device ?? undefined) ?? -1);
    if (streamId !== undefined) and("stream_id = ?", streamId);
    if (isLocal !== undefined) and("(local_forms > 0) = ?", isLocal ? 1 : 0);
    if (toUs !== undefined) and("start_us < ?", toUs);
    if (fromUs !== undefined) and("end_us > ? AND start_us > ?", fromUs, fromUs - this.#longest(device));
    if (after !== undefined)
      and(`(start_us, segments.id) ${descending ? "<" : ">"} (?, ?)`, after.startUs, after.id);
    return { where: conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`, values };
  }

  /** Microseconds that no segment of the device, or of any, is longer than. */
  #longest(device: string | null | undefined): number {
    const sql = "SELECT IFNULL(MAX(longest_us), 0) + 1 AS us FROM devices WHERE ?1 IS NULL OR name = ?1";
    return this.#queries.all<{ us: number }>(sql, device === undefined ? null : (device ?? ""))[0].us;
  }

  #rows(sql: string, ...values: (string | number)[]): Segment[] {
    return this.#queries.all<SegmentRow>(sql, ...values).map(segmentFrom);
  }
}

const PUT = `
INSERT INTO segments(stem, device_id, source, stream_id, sample_rate, channels, bits_per_sample, start_us, end_us,
  samples, gaps) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT(stem) DO UPDATE SET device_id = excluded.device_id, source = excluded.source, stream_id = excluded.stream_id,
  sample_rate = excluded.sample_rate, channels = excluded.channels, bits_per_sample = excluded.bits_per_sample,
  start_us = excluded.start_us, end_us = excluded.end_us, samples = excluded.samples, gaps = excluded.gaps
RETURNING id`;

// Sizes are summed up per device, also those of a segment whose device was not known before.
const MOVE = "UPDATE forms SET device_id = ?1 WHERE segment_id = ?2 AND device_id <> ?1";
