import type { Queries } from "./queries.js";

/** Work that is to be done once, sooner or later, and survives a crash. */
export interface Job {
  readonly id: number;
  readonly step: string;
  /** The segment it is about, if it is about one; it goes when the segment goes. */
  readonly segmentId: number | undefined;
  /** JSON, undefined when the step needs nothing but the segment. */
  readonly payload: string | undefined;
  /** The segment goes to no further step behind this one. */
  readonly isLast: boolean;
  /** Milliseconds since the epoch. */
  readonly createdMs: number;
  /** How often it was tried in vain. */
  readonly attempts: number;
  /** Why it failed the last time. */
  readonly error: string | undefined;
}

/** The length of one step's queue. */
export interface QueueLength {
  readonly step: string;
  readonly waiting: number;
  /** Of those waiting, milliseconds since the epoch. */
  readonly oldestMs: number | null;
  /** Given up: kept, to be tried again when asked for. */
  readonly givenUp: number;
  /** Waiting that failed at least once. */
  readonly failing: number;
}

/** The durable queue of every step. What runs is not marked: a crash leaves it waiting. */
export class Jobs {
  readonly #queries: Queries;

  constructor(queries: Queries) {
    this.#queries = queries;
  }

  /**
   * Of one segment a step waits at most once; one that was given up waits again.
   * @param isLast the segment goes to no further step behind this one; not said of one that waits already
   */
  addFor(segmentId: number, step: string, nowMs: number, dueMs: number, isLast = false): void {
    this.#queries.run(
      `INSERT INTO jobs(step, segment_id, is_last, created_ms, due_ms) SELECT ?1, id, ?5, ?3, ?4 FROM segments WHERE id = ?2
       ON CONFLICT DO UPDATE SET due_ms = IFNULL(jobs.due_ms, excluded.due_ms),
        is_last = MIN(jobs.is_last, excluded.is_last)`,
      ...[step, segmentId, nowMs, dueMs, isLast ? 1 : 0],
    );
  }

  /** Whether the segment goes no further, as it is said now. */
  isLast(id: number): boolean {
    return this.#queries.all("SELECT 1 FROM jobs WHERE id = ? AND is_last = 1", id).length > 0;
  }

  /** Work that is about no segment, or more than one step of the same kind for one. */
  add(step: string, payload: string, nowMs: number): void {
    const sql = "INSERT INTO jobs(step, payload, created_ms, due_ms) VALUES (?, ?, ?, ?)";
    this.#queries.run(sql, step, payload, nowMs, nowMs);
  }

  /** What is due of a step, longest due first. */
  due(step: string, nowMs: number, limit: number): Job[] {
    return this.#queries
      .all<JobRow>(
        "SELECT * FROM jobs WHERE step = ? AND due_ms <= ? ORDER BY due_ms, id LIMIT ?",
        step,
        nowMs,
        limit,
      )
      .map(jobFrom);
  }

  /** When the next one of a step is due, milliseconds since the epoch. */
  nextDueMs(step: string): number | undefined {
    const sql = "SELECT MIN(due_ms) AS ms FROM jobs WHERE step = ?";
    return this.#queries.all<{ ms: number | null }>(sql, step)[0].ms ?? undefined;
  }

  /** Waiting jobs of a step. */
  waiting(step: string): number {
    const sql = "SELECT COUNT(*) AS count FROM jobs WHERE step = ? AND due_ms IS NOT NULL";
    return this.#queries.all<{ count: number }>(sql, step)[0].count;
  }

  has(segmentId: number, step: string): boolean {
    const sql = "SELECT 1 FROM jobs WHERE step = ? AND segment_id = ? AND due_ms IS NOT NULL";
    return this.#queries.all(sql, step, segmentId).length > 0;
  }

  done(id: number): void {
    this.#queries.run("DELETE FROM jobs WHERE id = ?", id);
  }

  /** Whether it is kept, but not tried again by itself. */
  isGivenUp(id: number): boolean {
    return this.#queries.all("SELECT 1 FROM jobs WHERE id = ? AND due_ms IS NULL", id).length > 0;
  }

  /** It failed. Without `dueMs` it is given up, and its segment goes to the steps behind without it. */
  failed(id: number, error: string, dueMs: number | undefined): void {
    const sql = `UPDATE jobs SET attempts = attempts + 1, error = ?1, due_ms = ?2, is_last = is_last OR ?2 IS NULL
      WHERE id = ?3`;
    this.#queries.run(sql, error, dueMs ?? null, id);
  }

  /** All jobs of its step would have failed: however often that happens, it counts as one attempt. */
  postpone(id: number, error: string, dueMs: number): void {
    const sql = "UPDATE jobs SET attempts = MAX(attempts, 1), error = ?, due_ms = ? WHERE id = ?";
    this.#queries.run(sql, error, dueMs, id);
  }

  /** Nothing more is done for a segment. */
  dropFor(segmentId: number): void {
    this.#queries.run("DELETE FROM jobs WHERE segment_id = ?", segmentId);
  }

  /** Why the last job of a step that still waits, or was given up, has failed. */
  lastError(step: string): string | undefined {
    const sql = "SELECT error FROM jobs WHERE step = ? AND error IS NOT NULL ORDER BY id DESC LIMIT 1";
    return this.#queries.all<{ error: string }>(sql, step)[0]?.error;
  }

  /** What failed or was given up is tried again now. */
  retryAll(step: string, nowMs: number): number {
    const sql = "UPDATE jobs SET due_ms = ? WHERE step = ? AND (due_ms IS NULL OR attempts > 0)";
    return this.#queries.run(sql, nowMs, step);
  }

  /** What failed for segments, and would be tried again later, is due now. */
  hurry(nowMs: number): void {
    const sql = "UPDATE jobs SET due_ms = ?1 WHERE due_ms > ?1 AND attempts > 0 AND segment_id IS NOT NULL";
    this.#queries.run(sql, nowMs);
  }

  /** Forgets a whole queue: nobody is there any more who could work on it. */
  clear(step: string): number {
    return this.#queries.run("DELETE FROM jobs WHERE step = ?", step);
  }

  lengths(): QueueLength[] {
    return this.#queries.all<QueueLength>(
      `SELECT step, COUNT(due_ms) AS waiting, MIN(CASE WHEN due_ms IS NOT NULL THEN created_ms END) AS oldestMs,
        SUM(due_ms IS NULL) AS givenUp, SUM(due_ms IS NOT NULL AND attempts > 0) AS failing
       FROM jobs GROUP BY step`,
    );
  }
}

interface JobRow {
  readonly id: number;
  readonly step: string;
  readonly segment_id: number | null;
  readonly payload: string | null;
  readonly is_last: 0 | 1;
  readonly created_ms: number;
  readonly attempts: number;
  readonly error: string | null;
}

function jobFrom({ id, step, segment_id, payload, is_last, created_ms, attempts, error }: JobRow): Job {
  return {
    id,
    step,
    segmentId: segment_id ?? undefined,
    payload: payload ?? undefined,
    isLast: is_last === 1,
    createdMs: created_ms,
    attempts,
    error: error ?? undefined,
  };
}
