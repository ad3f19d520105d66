import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { GapCause } from "@audio/segments";
import { GAP_FILE, GAPS_FOLDER } from "./gap-files.js";
import { type DayOfGap, dayOf, type GapRecord, parseGapLine } from "./gap-record.js";

/** Which gaps are asked for; what is not given is not asked about. */
export interface GapQuery {
  /** hwid or device name. */
  readonly device?: string;
  /** UTC, microseconds since the epoch: gaps that end after this. */
  readonly fromUs?: number;
  /** UTC, microseconds since the epoch: gaps that start before this. */
  readonly toUs?: number;
  readonly cause?: GapCause;
  /** Told for each file that has lines which are no gaps; they are skipped. */
  readonly onGarbage?: (path: string, lines: number) => void;
}

// Gaps sorted at a time: a day that has more is read again for the rest, so memory does not grow with the file.
const SORTED_AT_ONCE = 10_000;
// Longer than any line of ours: a file that somebody else filled must not fill memory.
const LONGEST_LINE = 4096;

interface Numbered {
  readonly gap: GapRecord;
  readonly line: number;
}

/**
 * Reads the gap ledger of a data directory, also while a receiver works in it: whole gaps that touch the given time,
 * in order of their start (in order of the days they lie in, if they are of different length). Looks at the files of
 * these days only. Memory does not depend on their size. No ledger = no gaps.
 * @throws Error of the file system, when a file is there and cannot be read
 */
export async function* queryGaps(dataDir: string, query: GapQuery = {}): AsyncGenerator<GapRecord> {
  const folder = join(dataDir, GAPS_FOLDER);
  let before: string | undefined;
  for (const day of await daysIn(folder, query)) {
    const path = join(folder, `${day}.jsonl`);
    const isContinued = isDayAfter(day, before);
    yield* gapsOfDay(path, query, ({ part, whole }) => isContinued && whole.startUs < part.startUs);
    before = day;
  }
}

async function daysIn(folder: string, { fromUs, toUs }: GapQuery): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const first = fromUs === undefined ? "" : dayOf(fromUs);
  const last = toUs === undefined ? "9999-12-31" : dayOf(toUs);
  const days = names.map((name) => GAP_FILE.exec(name)?.[1]).filter((day) => day !== undefined);
  return days.filter((day) => day >= first && day <= last).sort();
}

function isDayAfter(day: string, before: string | undefined): boolean {
  return before !== undefined && dayOf((Date.parse(before) + 86_400_000) * 1000) === day;
}

async function* gapsOfDay(
  path: string,
  query: GapQuery,
  isTold: (line: Omit<DayOfGap, "day">) => boolean,
): AsyncGenerator<GapRecord> {
  let after: Numbered | undefined;
  for (let pass = 1; ; pass++) {
    const next = new Smallest(after);
    let number = 0;
    let garbage = 0;
    for await (const text of linesOf(path)) {
      number++;
      const line = text === undefined ? undefined : parseGapLine(text);
      if (line === undefined) garbage++;
      else if (isAsked(line.whole, query) && !isTold(line)) next.add({ gap: line.whole, line: number });
    }
    if (pass === 1 && garbage > 0) query.onGarbage?.(path, garbage);
    const sorted = next.sorted();
    for (const { gap } of sorted) yield gap;
    after = sorted.at(-1);
    if (sorted.length < SORTED_AT_ONCE) return;
  }
}

function isAsked(gap: GapRecord, { device, cause, fromUs, toUs }: GapQuery): boolean {
  if (device !== undefined && gap.device !== device) return false;
  if (cause !== undefined && gap.cause !== cause) return false;
  return (fromUs === undefined || gap.endUs > fromUs) && (toUs === undefined || gap.startUs < toUs);
}

/** The first `SORTED_AT_ONCE` behind `after`, of any number that pass. */
class Smallest {
  readonly #after: Numbered | undefined;
  #kept: Numbered[] = [];
  #last: Numbered | undefined;

  constructor(after: Numbered | undefined) {
    this.#after = after;
  }

  add(gap: Numbered): void {
    if (this.#after !== undefined && order(gap, this.#after) <= 0) return;
    if (this.#last !== undefined && order(gap, this.#last) > 0) return;
    this.#kept.push(gap);
    if (this.#kept.length < 2 * SORTED_AT_ONCE) return;
    this.#kept = this.sorted();
    this.#last = this.#kept.at(-1);
  }

  sorted(): Numbered[] {
    return this.#kept.sort(order).slice(0, SORTED_AT_ONCE);
  }
}

function order(a: Numbered, b: Numbered): number {
  return a.gap.startUs - b.gap.startUs || a.line - b.line;
}

/** Whole lines; undefined for one that is too long. What follows the last newline is still being written, or torn. */
async function* linesOf(path: string): AsyncGenerator<string | undefined> {
  let rest = "";
  let isTooLong = false;
  for await (const chunk of createReadStream(path, { encoding: "utf8" })) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() as string;
    for (const line of lines) {
      yield isTooLong || line.length > LONGEST_LINE ? undefined : line;
      isTooLong = false;
    }
    if (rest.length > LONGEST_LINE) {
      rest = "";
      isTooLong = true;
    }
  }
}
