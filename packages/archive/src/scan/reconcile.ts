import type { Catalogue } from "../catalogue/catalogue.js";
import { FolderUpdate } from "./folder-update.js";
import { Pace } from "./pace.js";
import type { ReconcileOptions, ReconcileSums } from "./reconcile-options.js";
import { requireRecordings } from "./recordings-there.js";
import { type Scanned, scanDataDir } from "./scan-data-dir.js";

/**
 * Brings the catalogue in line with the files of its data directory: adds what it does not know, takes up sizes that
 * changed, and what is no longer there does not count as local any more. Files are only read, and only those that are
 * new or have another size. Folders that have not changed since the last time are not listed; a file that was
 * changed in place therefore shows with `all` only. May run while others record and write to the catalogue; can be
 * broken off at any moment, and goes on there the next time.
 * @param dataDir absolute path
 * @throws ArchiveError `recordings-missing`: the disk is not mounted, or everything was removed; nothing is marked as
 *   gone then. Error of the file system, when the data directory itself cannot be read; the signal's reason
 */
export async function reconcile(
  catalogue: Catalogue,
  dataDir: string,
  options: ReconcileOptions,
): Promise<ReconcileSums> {
  const { acceptMissing = false, filesPerSecond, signal } = options;
  const sums: ReconcileSums = { ...NOTHING };
  const requireAll = async () => (acceptMissing ? undefined : requireRecordings(catalogue, dataDir));
  await requireAll();
  const pace = new Pace(filesPerSecond, signal);
  const update = new FolderUpdate({ ...options, catalogue, dataDir, sums, pace, requireAll });
  const known = options.all === true ? new Map<string, bigint>() : foldersOf(catalogue);
  for await (const found of scanDataDir(dataDir, { ...options, known }))
    await take(found, update, options, sums);
  return sums;
}

const NOTHING: ReconcileSums = {
  folders: 0,
  unchangedFolders: 0,
  files: 0,
  bytes: 0,
  added: 0,
  changed: 0,
  gone: 0,
  foreign: 0,
  faults: 0,
};

async function take(
  found: Scanned,
  update: FolderUpdate,
  { onFault, onProgress }: ReconcileOptions,
  sums: ReconcileSums,
): Promise<void> {
  if (found.kind === "segments") await update.segments(found);
  else if (found.kind === "listed") {
    sums.folders++;
    await update.listed(found);
  } else if (found.kind === "unchanged") sums.unchangedFolders++;
  else {
    sums.faults++;
    onFault?.({ path: found.folder, reason: found.reason });
  }
  onProgress?.(sums);
}

function foldersOf({ notes }: Catalogue): Map<string, bigint> {
  return new Map(notes.folders().map((path) => [path, notes.folderMtimeNs(path) ?? 0n]));
}
