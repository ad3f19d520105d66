import { lstat, rm, unlink } from "node:fs/promises";
import { join } from "node:path";
import { type Form, placeSegment, readSegmentFacts } from "@audio/archive";
import { hashOf, isWhole, linkFile, writeCopy } from "./copy.js";
import { fileKey, type ImportLedger, type LedgerLine } from "./ledger.js";
import type { PlanContext, PlannedFile, PlannedSegment } from "./planned.js";
import type { OldFile } from "./walk.js";

export interface Importing extends PlanContext {
  /** Absolute path of a folder of this import alone, on the file system of the data directory. */
  readonly workFolder: string;
  /** Steps that wait for a segment that came in so. */
  readonly steps: readonly string[];
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
}

/** What the names of unfinished copies begin with, in `workFolder`. */
export const COPY = "copy.";

/** What became of a segment. */
export interface Imported {
  /** Path below the data directory without extension, with `/`. */
  readonly stem: string;
  readonly bytes: number;
  /** Why a file of the source was not removed after all. */
  readonly kept: readonly string[];
}

/**
 * Takes a segment over: copies on the disk first, then their names, the catalogue, the ledger, and at last, if files are
 * to be moved and the copies are read back as they were written, the end of the old ones.
 */
export async function importSegment(segment: PlannedSegment, importing: Importing): Promise<Imported> {
  const { dataDir, ledger, mode } = importing;
  const copies = await writeCopies(segment, importing);
  const lines = (stem: string, done: boolean): LedgerLine[] =>
    [...copies.values()].map(({ file, sha256 }) => lineOf(file, stem, done, sha256));
  const stem = await placeSegment({
    dataDir,
    name: segment.name,
    files: new Map([...copies].map(([form, { path }]) => [form, path])),
    begun: segment.begun,
    onFound: (found) => ledger.add(lines(found, false)),
    onPlaced: (found) => enter(found, [...copies.keys()], importing),
  });
  await ledger.add(lines(stem, true));
  const kept =
    mode === "move"
      ? await removeAll(
          segment.files.map(({ file }) => file),
          dataDir,
          ledger,
        )
      : [];
  const sizes = await Promise.all([...copies.keys()].map((form) => lstat(join(dataDir, `${stem}.${form}`))));
  return { stem, bytes: sizes.reduce((sum, { size }) => sum + size, 0), kept };
}

interface Copy {
  readonly path: string;
  readonly file: PlannedFile;
  /** Undefined: a link. */
  readonly sha256: string | undefined;
}

async function writeCopies(segment: PlannedSegment, importing: Importing): Promise<Map<Form, Copy>> {
  const copies = new Map<Form, Copy>();
  for (const file of segment.files) {
    const path = join(importing.workFolder, COPY + file.form);
    await rm(path, { force: true });
    const { signal, onBytes } = importing;
    const isLink = importing.mode === "link" && isWhole(file, segment);
    if (isLink) await linkFile(file, path);
    const sha256 = isLink ? undefined : await writeCopy(file, segment, { target: path, signal, onBytes });
    copies.set(file.form, { path, file, sha256 });
  }
  return copies;
}

function lineOf(
  { key, file, form }: PlannedFile,
  stem: string,
  done: boolean,
  sha256: string | undefined,
): LedgerLine {
  return { key, at: new Date().toISOString(), from: file.path, stem, form, sha256, done };
}

// As old recordings that a new catalogue finds: measured, uploaded if that is on; nobody is told of them.
async function enter(
  stem: string,
  forms: readonly Form[],
  { dataDir, names, catalogue, steps }: Importing,
): Promise<void> {
  if (catalogue === undefined) return;
  const { facts } = await readSegmentFacts(dataDir, stem, forms, names);
  if (facts === undefined) return;
  const sizes = await Promise.all(forms.map((form) => lstat(join(dataDir, `${stem}.${form}`))));
  const local = forms.map((form, i) => ({ form, bytes: sizes[i].size }));
  const nowMs = Date.now();
  catalogue.transaction(() => {
    const id = catalogue.segments.put(facts, local);
    for (const step of steps) catalogue.jobs.addFor(id, step, nowMs, nowMs, true);
  });
}

/** Removes old files whose copies are what was written; returns why others stay. */
export async function removeAll(
  files: readonly OldFile[],
  dataDir: string,
  ledger: ImportLedger,
): Promise<string[]> {
  const kept: string[] = [];
  for (const file of files) {
    const why = await whyKept(file, dataDir, ledger);
    if (why !== undefined) kept.push(`${file.path} stays: ${why}`);
  }
  return kept;
}

async function whyKept(
  { path, bytes, writtenMs }: OldFile,
  dataDir: string,
  ledger: ImportLedger,
): Promise<string | undefined> {
  try {
    const line = ledger.find(await fileKey(path));
    if (line?.sha256 === undefined) return "it was not copied";
    const target = join(dataDir, `${line.stem}.${line.form}`);
    if ((await hashOf(target)) !== line.sha256) return `${target} is no longer what was copied`;
    const { size, mtimeMs } = await lstat(path);
    if (size !== bytes || mtimeMs !== writtenMs) return "it was changed meanwhile";
    await unlink(path);
    return undefined;
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    return error.message;
  }
}
