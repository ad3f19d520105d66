import type { Queries } from "./queries.js";
import type { Form } from "./segment.js";

/** An object that the catalogue believes to be in a store. */
export interface KnownObject {
  readonly key: string;
  readonly segmentId: number;
  readonly form: Form;
  readonly bytes: number;
}

/** Which keys of a bucket. */
export interface KnownObjectQuery {
  readonly bucket: string;
  /** Keys that begin so. */
  readonly prefix: string;
  /** Keys behind this one, in the order of their UTF-8 bytes, which is that of S3. */
  readonly after?: string;
  /** Keys up to this one. */
  readonly upTo?: string;
  readonly limit: number;
}

const COLUMNS = "SELECT key, segment_id AS segmentId, form, bytes FROM forms";

/** The catalogue as whoever compares it with a bucket needs it. */
export class KnownObjects {
  readonly #queries: Queries;

  constructor(queries: Queries) {
    this.#queries = queries;
  }

  byKey(bucket: string, key: string): KnownObject | undefined {
    return this.#queries.all<KnownObject>(`${COLUMNS} WHERE bucket = ? AND key = ? LIMIT 1`, bucket, key)[0];
  }

  /** In order of their keys. */
  list({ bucket, prefix, after, upTo, limit }: KnownObjectQuery): KnownObject[] {
    const last = `${prefix}\u{10FFFF}`;
    const sql = `${COLUMNS} WHERE bucket = ? AND key > ? AND key >= ? AND key <= ? ORDER BY key LIMIT ?`;
    return this.#queries.all<KnownObject>(sql, bucket, after ?? "", prefix, upTo ?? last, limit);
  }
}
