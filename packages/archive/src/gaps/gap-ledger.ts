import { type FileSystem, systemFs } from "../disk/file-system.js";
import type { GapEvent } from "../events.js";
import { GapBatch, type TakenLines } from "./gap-batch.js";
import { GapFiles } from "./gap-files.js";
import { type GapQuery, queryGaps } from "./gap-query.js";
import { type DayOfGap, formatGapLine, type GapRecord, gapRecord } from "./gap-record.js";

export interface GapLedgerOptions {
  /** Absolute path; exists. */
  readonly dataDir: string;
  /** false: nothing is synced (default true). */
  readonly sync?: boolean;
  readonly fs?: FileSystem;
  /** Called when writing begins to fail, with the reason, and, with undefined, when it works again. */
  readonly onTrouble?: (error: Error | undefined) => void;
}

const WRITE_EVERY_MS = 1000;
const RETRY_EVERY_MS = 2000;

/**
 * Every missing range of every device, durable: one line of JSON each in `gaps/YYYY-MM-DD.jsonl` (UTC), a gap over
 * midnight in each of its days. Written once a second; while the disk refuses, kept in bounded memory and tried again.
 */
export class GapLedger {
  readonly #dataDir: string;
  readonly #files: GapFiles;
  readonly #onTrouble: (error: Error | undefined) => void;
  readonly #batch = new GapBatch();
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #trouble: Error | undefined;
  #closed = false;

  constructor({ dataDir, sync = true, fs = systemFs, onTrouble = () => undefined }: GapLedgerOptions) {
    this.#dataDir = dataDir;
    this.#files = new GapFiles(fs, dataDir, sync);
    this.#onTrouble = onTrouble;
  }

  /** Why nothing can be written at the moment; undefined: all is well. */
  get trouble(): Error | undefined {
    return this.#trouble;
  }

  /** Lines that are not on disk yet. */
  get pending(): number {
    return this.#batch.size;
  }

  /** Takes a gap; it is on disk within about a second. */
  record(gap: GapEvent): void {
    this.#batch.add(gapRecord(gap));
    this.#schedule(WRITE_EVERY_MS);
  }

  /** Writes what waits; resolves also when the disk refused (`trouble` then says why). */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  /** What `queryGaps` answers, with everything recorded so far, as far as the disk takes it. */
  async *query(query: GapQuery = {}): AsyncGenerator<GapRecord> {
    await this.flush();
    yield* queryGaps(this.#dataDir, query);
  }

  /** Writes the rest, and ends. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.flush();
  }

  #schedule(ms: number): void {
    if (this.#closed) return;
    this.#timer ??= setTimeout(() => void this.flush(), ms).unref();
  }

  async #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#batch.size === 0) return;
    const taken = this.#batch.take();
    const failures = new Map<string, Error>();
    for (const [day, lines] of byDay(taken)) {
      const text = lines.map(formatGapLine).join("");
      await this.#files.append(day, text).catch((error: Error) => failures.set(day, error));
    }
    this.#batch.putBack(leftOf(taken, failures));
    this.#tell([...failures.values()][0]);
    if (this.#batch.size > 0) this.#schedule(failures.size > 0 ? RETRY_EVERY_MS : WRITE_EVERY_MS);
  }

  #tell(error: Error | undefined): void {
    const changed = (error === undefined) !== (this.#trouble === undefined);
    this.#trouble = error;
    if (changed) this.#onTrouble(error);
  }
}

function byDay({ lines, sums }: TakenLines): Map<string, DayOfGap[]> {
  const days = new Map<string, DayOfGap[]>();
  for (const line of [...lines, ...sums.values()]) {
    const sameDay = days.get(line.day);
    if (sameDay === undefined) days.set(line.day, [line]);
    else sameDay.push(line);
  }
  return days;
}

function leftOf({ lines, sums }: TakenLines, failures: ReadonlyMap<string, Error>): TakenLines {
  const isLeft = ({ day }: DayOfGap) => failures.has(day);
  return {
    lines: lines.filter(isLeft),
    sums: new Map([...sums].filter(([, line]) => isLeft(line))),
  };
}
