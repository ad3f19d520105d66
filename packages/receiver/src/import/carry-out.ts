import { statfsSync, statSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ArchiveError, type Catalogue, layoutReader, openCatalogue } from "@audio/archive";
import { readTags } from "@audio/compress";
import { TimeZone } from "@audio/segments";
import { bytesInWords, count } from "../commands/in-words.js";
import { ProgressLine } from "../commands/progress-line.js";
import type { ConfigValues } from "../config/config-values.js";
import { uploadSettings } from "../config/receiver-settings.js";
import { ReceiverError } from "../errors.js";
import { bytesOfSegment, importAll, planAll } from "./import-all.js";
import { ImportReport } from "./import-report.js";
import { COPY } from "./import-segment.js";
import { ImportLedger } from "./ledger.js";
import type { OldLayout } from "./old-names.js";
import type { ImportMode, PlanContext } from "./planned.js";

/** What is to be imported, and how. */
export interface ImportRequest {
  readonly sources: readonly string[];
  /** Absolute. */
  readonly dataDir: string;
  readonly values: ConfigValues;
  readonly mode: ImportMode;
  readonly layout: OldLayout | "auto";
  /** Undefined: the system's. */
  readonly oldTimezone: string | undefined;
  readonly device: string | undefined;
  readonly isJson: boolean;
}

interface Sums {
  segments: number;
  bytes: number;
  largestBytes: number;
}

const MEGABYTE = 1_000_000;

/**
 * Says of every file what would become of it. Nothing is written.
 * @throws ReceiverError `import-failed`
 */
export async function preview(request: ImportRequest): Promise<void> {
  const catalogue = existingCatalogue(request.dataDir);
  try {
    const context = await contextOf(request, catalogue, true);
    const report = reportOf(request, context, true);
    const sums: Sums = { segments: 0, bytes: 0, largestBytes: 0 };
    for await (const { segment, left } of planAll(request.sources, context)) {
      for (const file of left) report.left(file);
      if (segment === undefined) continue;
      report.taken(segment, bytesOfSegment(segment), undefined);
      add(sums, bytesOfSegment(segment));
    }
    const neededBytes = neededOf(sums, request);
    report.end(neededBytes);
    const shortage = shortageOf(neededBytes, request);
    if (shortage !== undefined) process.stderr.write(`audio-receiver: ${shortage}\n`);
    if (report.totals.broken > 0 || shortage !== undefined) process.exitCode = 1;
  } finally {
    catalogue?.close();
  }
}

/**
 * Imports. Whoever calls it holds the lock of `workFolder`, on the file system of the data directory.
 * @throws ReceiverError `import-failed`, ArchiveError, error of the file system
 */
export async function carryOut(request: ImportRequest, workFolder: string): Promise<void> {
  const { dataDir, values } = request;
  const abort = new AbortController();
  const stop = () => abort.abort();
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const progress = new ProgressLine();
  const catalogue = values.catalogue ? openCatalogue(dataDir) : undefined;
  const context = await contextOf(request, catalogue, false);
  try {
    await clear(workFolder);
    await importWith(request, context, { workFolder, progress, signal: abort.signal });
  } catch (error) {
    if (!abort.signal.aborted) throw error;
    process.stderr.write("audio-receiver: stopped; what was taken is there, and the next run goes on\n");
    process.exitCode = 130;
  } finally {
    progress.clear();
    process.off("SIGINT", stop).off("SIGTERM", stop);
    await clear(workFolder);
    await context.ledger.close();
    catalogue?.close();
  }
}

// Half a copy, of a disk that is full, of all.
async function clear(workFolder: string): Promise<void> {
  for (const name of await readdir(workFolder))
    if (name.startsWith(COPY)) await rm(join(workFolder, name), { force: true });
}

interface Work {
  readonly workFolder: string;
  readonly progress: ProgressLine;
  readonly signal: AbortSignal;
}

async function importWith(request: ImportRequest, context: PlanContext, work: Work): Promise<void> {
  const { progress, signal } = work;
  const sums = await survey(request, context, work);
  const neededBytes = neededOf(sums, request);
  const shortage = shortageOf(neededBytes, request);
  if (shortage !== undefined) throw new ReceiverError("import-failed", shortage);
  const report = reportOf(request, context, false);
  let written = 0;
  const onBytes = (bytes: number) => {
    written += bytes;
    const segments = `${report.totals.segments} of ${count(sums.segments, "recording")}`;
    progress.show(`${segments}, ${bytesInWords(written)} of ${bytesInWords(sums.bytes)}`);
  };
  const steps = uploadSettings(request.values) === undefined ? ["measure"] : ["measure", "upload"];
  await importAll(
    request.sources,
    { ...context, workFolder: work.workFolder, steps, signal, onBytes },
    {
      imported: (segment, done) => {
        progress.clear();
        report.taken(segment, done.bytes, done);
      },
      left: (file) => {
        progress.clear();
        report.left(file);
      },
    },
  );
  report.end(neededBytes);
  if (report.totals.broken + report.totals.kept > 0) process.exitCode = 1;
}

async function survey(
  { sources }: ImportRequest,
  context: PlanContext,
  { progress, signal }: Work,
): Promise<Sums> {
  const sums: Sums = { segments: 0, bytes: 0, largestBytes: 0 };
  for await (const { segment } of planAll(sources, context)) {
    signal.throwIfAborted();
    if (segment !== undefined) add(sums, bytesOfSegment(segment));
    progress.show(`found ${count(sums.segments, "recording")}, ${bytesInWords(sums.bytes)}`);
  }
  progress.clear();
  return sums;
}

function add(sums: Sums, bytes: number): void {
  sums.segments++;
  sums.bytes += bytes;
  sums.largestBytes = Math.max(sums.largestBytes, bytes);
}

// A dry run makes no catalogue; one of another version tells nothing, and what is there shows by its names too.
function existingCatalogue(dataDir: string): Catalogue | undefined {
  try {
    return openCatalogue(dataDir, { readOnly: true });
  } catch (error) {
    if (error instanceof ArchiveError) return undefined;
    throw error;
  }
}

async function contextOf(
  { dataDir, values, mode, layout, oldTimezone, device }: ImportRequest,
  catalogue: Catalogue | undefined,
  readOnly: boolean,
): Promise<PlanContext> {
  const { pathPcm: pcm, pathDevice, pathAnonymous: anonymous, timezone } = values;
  const paths = { pcm, device: pathDevice, anonymous };
  const names = { ...paths, zone: new TimeZone(timezone), names: layoutReader(paths), readTags };
  const ledger = await ImportLedger.open(dataDir, { readOnly });
  const oldZone = new TimeZone(oldTimezone);
  return { dataDir, mode, layout, oldZone, device, names, ledger, catalogue, nowMs: Date.now() };
}

function reportOf({ isJson }: ImportRequest, { names }: PlanContext, isDryRun: boolean): ImportReport {
  const print = (text: string) => process.stdout.write(text);
  return new ImportReport({ isDryRun, isJson, zone: names.zone, print });
}

// A file that is moved within a file system takes its room twice only until its copy is read back.
function neededOf({ bytes, largestBytes }: Sums, { mode, sources, dataDir }: ImportRequest): number {
  if (mode === "link") return 0;
  const here = existingFolder(dataDir);
  const isOneDisk = sources.every((source) => statSync(source).dev === statSync(here).dev);
  return mode === "move" && isOneDisk ? largestBytes : bytes;
}

function shortageOf(neededBytes: number, { dataDir, values }: ImportRequest): string | undefined {
  const { bavail, bsize } = statfsSync(existingFolder(dataDir));
  const free = bavail * bsize;
  const kept = values.minFreeMb * MEGABYTE;
  if (neededBytes <= free - kept || neededBytes === 0) return undefined;
  const disk = `${bytesInWords(free)} are free at ${dataDir}, and ${bytesInWords(kept)} of them stay so (minFreeMb)`;
  return `needs ${bytesInWords(neededBytes)}; ${disk}: nothing is taken; free some space, or import in parts`;
}

function existingFolder(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? existingFolder(dirname(path)) : path;
}
