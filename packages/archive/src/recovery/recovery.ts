import type { Dirent } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { formatMetadata } from "@audio/wav";
import { DirectorySync } from "../disk/directory-sync.js";
import { systemFs } from "../disk/file-system.js";
import { promised } from "../disk/promised-fs.js";
import type { OpenNote } from "../journal/records.js";
import { exists, unusedStem } from "../recording/finished-names.js";
import { type Repair, repairBin, repairWav } from "./repair.js";

/** What became of one `.part` file. */
export interface RecoveredFile {
  /** Absolute path of the `.part`. */
  readonly part: string;
  /** `left`: the disk did not let it be repaired; it stays as it is, for the next start. */
  readonly outcome: "recovered" | "empty" | "quarantined" | "left";
  /** Where it is now; undefined when it held no audio and was removed. */
  readonly path: string | undefined;
  /** Size after the repair. */
  readonly bytes: number;
  /** Bytes of audio or frames in it. */
  readonly audioBytes: number;
  /** Bytes behind the last whole sample frame or frame, cut off. */
  readonly cutBytes: number;
  /** Why it was quarantined or left. */
  readonly reason: string | undefined;
}

const QUARANTINE = "quarantine";
const PART = /\.(wav|bin)\.part$/;
const directories = new DirectorySync(promised(systemFs));

/** What is known of an unfinished segment, given its path without extensions. */
export type DescribeSegment = (stem: string) => OpenNote | undefined;

/**
 * Finishes every file that a crash left as `.part` below `dataDir`: torn end cut, header corrected, synced,
 * renamed without overwriting anything. A file that is no recording goes to `quarantine/` with its reason beside
 * it. No file stops those after it. Running it again changes nothing. Nobody may be recording meanwhile (see
 * `lockDataDir`).
 * @param left paths without extensions of segments that are not to be touched now
 */
export async function* recoverParts(
  dataDir: string,
  describe: DescribeSegment = () => undefined,
  left: ReadonlySet<string | undefined> = new Set(),
): AsyncGenerator<RecoveredFile> {
  for await (const stem of partStems(dataDir, dataDir)) {
    if (!left.has(stem)) yield* recoverSegment(dataDir, stem, describe(stem));
  }
}

/** The same for one segment, given its path without extensions, and what is known of it. */
export async function* recoverSegment(
  dataDir: string,
  stem: string,
  note: OpenNote | undefined,
): AsyncGenerator<RecoveredFile> {
  const target = await unusedStem(stem, await takenForms(stem));
  const metadata = (audioBytes: number) => metadataOf(note, audioBytes);
  const forms = { ".bin": repairBin, ".wav": (file: FileHandle) => repairWav(file, metadata) };
  for (const [extension, repair] of Object.entries(forms)) {
    const recovered = await recoverFile(dataDir, stem + extension, target + extension, repair);
    if (recovered !== undefined) yield recovered;
  }
}

function metadataOf(note: OpenNote | undefined, audioBytes: number): Uint8Array {
  if (note === undefined) return new Uint8Array(0);
  const samples = audioBytes / note.frameBytes;
  return formatMetadata({ ...note.metadata, samples, gaps: [] }, audioBytes);
}

// A crash between the two renames of a segment leaves its finished .bin beside its .wav.part: that is no conflict.
async function takenForms(stem: string): Promise<string[]> {
  const forms: string[] = [];
  if (await exists(`${stem}.bin.part`)) forms.push(".bin");
  if (await exists(`${stem}.wav.part`)) forms.push(".wav", ".flac", ".opus");
  return forms;
}

// Depth first, so that a tree of any size needs little memory; quarantine is not looked at again.
async function* partStems(dataDir: string, folder: string): AsyncGenerator<string> {
  const stems = new Set<string>();
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && path !== join(dataDir, QUARANTINE)) yield* partStems(dataDir, path);
    else if (entry.isFile() && PART.test(entry.name)) stems.add(path.replace(PART, ""));
  }
  yield* [...stems].sort();
}

// Whoever may not look into a folder (lost+found on a disk of its own) has not recorded there.
async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EACCES") throw error;
    return [];
  }
}

async function recoverFile(
  dataDir: string,
  path: string,
  target: string,
  repair: (file: FileHandle) => Promise<Repair>,
): Promise<RecoveredFile | undefined> {
  const part = `${path}.part`;
  if (!(await exists(part))) return undefined;
  try {
    const file = await open(part, "r+");
    const { bytes, audioBytes, cutBytes, fault } = await repair(file).finally(() => file.close());
    if (fault !== undefined) return await quarantine(dataDir, part, fault);
    const empty = bytes === 0;
    await (empty ? rm(part) : rename(part, target));
    await directories.sync(dirname(target));
    const outcome = empty ? "empty" : "recovered";
    return {
      part,
      outcome,
      path: empty ? undefined : target,
      bytes,
      audioBytes,
      cutBytes,
      reason: undefined,
    };
  } catch (error) {
    return {
      part,
      outcome: "left",
      path: part,
      bytes: 0,
      audioBytes: 0,
      cutBytes: 0,
      reason: (error as Error).message,
    };
  }
}

async function quarantine(dataDir: string, part: string, reason: string): Promise<RecoveredFile> {
  const folder = join(dataDir, QUARANTINE);
  await mkdir(folder, { recursive: true });
  const path = await unusedStem(join(folder, relative(dataDir, part).replaceAll(/[\\/]/g, "_")), [""]);
  await rename(part, path);
  await writeFile(`${path}.reason.txt`, `${reason}\n`);
  return { part, outcome: "quarantined", path, bytes: 0, audioBytes: 0, cutBytes: 0, reason };
}
