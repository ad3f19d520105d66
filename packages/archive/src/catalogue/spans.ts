/** Which rows of a table of spans; all that is given must hold. */
export interface SpanConditions {
  readonly deviceId?: number;
  /** UTC, microseconds since the epoch: spans that end after `fromUs` and begin before `toUs`. */
  readonly fromUs?: number;
  readonly toUs?: number;
  readonly cause?: string;
  readonly minScore?: number;
}

interface Condition {
  readonly where: string;
  readonly values: readonly (string | number)[];
}

// Spans of one stream do not overlap, so of those that begin before a time only the last of each stream reaches beyond
// it: no device has so many streams at once.
const REACHING_IN = 64;

/** The condition of a question to `gaps` or `sounds`, such that an index answers it. */
export function conditionsOf(table: "gaps" | "sounds", conditions: SpanConditions): Condition {
  const { deviceId, fromUs, toUs, cause, minScore } = conditions;
  const parts: [sql: string, value: string | number | undefined][] = [
    ["device_id = ?", deviceId],
    ["end_us > ?", fromUs],
    ["start_us < ?", toUs],
    ["cause = ?", cause],
    ["score >= ?", minScore],
  ];
  const given = parts.filter(([, value]) => value !== undefined) as [string, string | number][];
  const sql = given.map(([part]) => part);
  const values = given.map(([, value]) => value);
  if (deviceId !== undefined && fromUs !== undefined) {
    sql.push(`start_us >= (SELECT IFNULL(MIN(start_us), ?) FROM (SELECT start_us FROM ${table}
      WHERE device_id = ? AND start_us < ? ORDER BY start_us DESC LIMIT ${REACHING_IN}))`);
    values.push(fromUs, deviceId, fromUs);
  }
  return { where: sql.length === 0 ? "" : `WHERE ${sql.join(" AND ")}`, values };
}
