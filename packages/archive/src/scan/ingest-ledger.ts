import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Catalogue } from "../catalogue/catalogue.js";
import { GAP_FILE, GAPS_FOLDER } from "../gaps/gap-files.js";
import { type GapRecord, parseGapLine } from "../gaps/gap-record.js";
import { type RegularFile, withRegularFile } from "./regular-file.js";
import { isGone } from "./scan-fs.js";

/** What was read of the gap ledger. */
export interface LedgerSums {
  /** Files that had something new. */
  files: number;
  /** Lines read that tell a gap. */
  gaps: number;
  /** Lines that tell none. */
  garbage: number;
}

/** How the gap ledger is read into the catalogue; an abort ends it between two batches. */
export interface LedgerOptions {
  readonly signal?: AbortSignal;
}

const READ_BYTES = 262_144;
const NEWLINE = 0x0a;

/**
 * Takes what is new in the gap ledger of a data directory into the catalogue: each file from where the last reading
 * ended, up to its last whole line. Lines that were taken before are not taken twice, whatever became of their file;
 * gaps of files that were deleted stay. May run while a receiver writes.
 * @param dataDir absolute path
 * @throws Error of the file system, when a file is there and cannot be read; the signal's reason
 */
export async function ingestLedger(
  catalogue: Catalogue,
  dataDir: string,
  { signal }: LedgerOptions = {},
): Promise<LedgerSums> {
  const sums: LedgerSums = { files: 0, gaps: 0, garbage: 0 };
  const folder = join(dataDir, GAPS_FOLDER);
  for (const name of await filesIn(folder)) {
    signal?.throwIfAborted();
    const path = join(folder, name);
    if (await isRead(path, catalogue.notes.ledgerBytes(name))) continue;
    await withRegularFile(path, (file) => ingestFile(catalogue, name, file, sums));
  }
  return sums;
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && GAP_FILE.test(entry.name));
    return files.map(({ name }) => name).sort();
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

// There are as many files as days, and this may be asked every few seconds.
async function isRead(path: string, knownBytes: number): Promise<boolean> {
  const { size } = await lstat(path);
  return size === knownBytes;
}

async function ingestFile(catalogue: Catalogue, name: string, file: RegularFile, sums: LedgerSums) {
  let at = await startIn(file, catalogue.notes.ledgerBytes(name));
  if (at < file.size) sums.files++;
  while (at < file.size) {
    const bytes = await file.read(at, READ_BYTES);
    // Of a line that fills the whole chunk, no end of it is ours.
    const end = bytes.lastIndexOf(NEWLINE) + 1 || (bytes.length === READ_BYTES ? READ_BYTES : 0);
    if (end === 0) return;
    at += end;
    takeLines(catalogue, name, bytes.subarray(0, end), at, sums);
  }
}

// A file that was written anew, shorter or not, does not have the end of a line where the last reading ended.
async function startIn(file: RegularFile, known: number): Promise<number> {
  if (known === 0 || known > file.size) return 0;
  const [before] = await file.read(known - 1, 1);
  return before === NEWLINE ? known : 0;
}

function takeLines(catalogue: Catalogue, name: string, bytes: Buffer, upTo: number, sums: LedgerSums): void {
  const lines = bytes.toString("utf8").split("\n");
  const gaps = lines.flatMap((line) => gapIn(line) ?? []);
  sums.gaps += gaps.length;
  sums.garbage += lines.filter((line) => line !== "").length - gaps.length;
  catalogue.transaction(() => {
    for (const gap of gaps) catalogue.gaps.put(gap);
    catalogue.notes.setLedgerBytes(name, upTo);
  });
}

// A gap over midnight stands in the files of all its days, as a whole in each.
function gapIn(line: string): GapRecord | undefined {
  const whole = line === "" ? undefined : parseGapLine(line)?.whole;
  return whole !== undefined && Math.abs(whole.endUs) <= Number.MAX_SAFE_INTEGER ? whole : undefined;
}
