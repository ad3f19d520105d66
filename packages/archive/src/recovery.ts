import { type FileHandle, mkdir, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { planRepair, WAV_HEADER_BYTES } from "@audio/wav";
import { wholeFrameBytes } from "./bin-prefix.js";
import { exists, syncDirectory, unusedStem } from "./finished-names.js";

/** What became of one `.part` file. */
export interface RecoveredFile {
  /** Absolute path of the `.part`. */
  readonly part: string;
  readonly outcome: "recovered" | "empty" | "quarantined";
  /** Where it is now; undefined when it held no audio and was removed. */
  readonly path: string | undefined;
  /** Size after the repair. */
  readonly bytes: number;
  /** Bytes behind the last whole sample frame or frame, cut off. */
  readonly cutBytes: number;
  /** Why it was quarantined. */
  readonly reason: string | undefined;
}

const QUARANTINE = "quarantine";
const PART = /\.(wav|bin)\.part$/;

/**
 * Finishes every file that a crash left as `.part` below `dataDir`: torn end cut, header corrected, synced,
 * renamed without overwriting anything. A file that is no recording goes to `quarantine/` with its reason beside
 * it. Running it again changes nothing. Nobody may be recording meanwhile (see `lockDataDir`).
 */
export async function* recoverParts(dataDir: string): AsyncGenerator<RecoveredFile> {
  for await (const stem of partStems(dataDir, dataDir)) yield* recoverSegment(dataDir, stem);
}

/** The same for one segment, given its path without extensions. */
export async function* recoverSegment(dataDir: string, stem: string): AsyncGenerator<RecoveredFile> {
  const target = await unusedStem(stem, await takenForms(stem));
  const forms = { ".bin": repairBin, ".wav": repairWav };
  for (const [extension, repair] of Object.entries(forms)) {
    const recovered = await recoverFile(dataDir, stem + extension, target + extension, repair);
    if (recovered !== undefined) yield recovered;
  }
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
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && path !== join(dataDir, QUARANTINE)) yield* partStems(dataDir, path);
    else if (entry.isFile() && PART.test(entry.name)) stems.add(path.replace(PART, ""));
  }
  yield* [...stems].sort();
}

interface Repair {
  readonly bytes: number;
  readonly cutBytes: number;
  readonly empty: boolean;
}

async function recoverFile(
  dataDir: string,
  path: string,
  target: string,
  repair: (file: FileHandle) => Promise<Repair>,
): Promise<RecoveredFile | undefined> {
  const part = `${path}.part`;
  const file = await openIfThere(part);
  if (file === undefined) return undefined;
  try {
    const { bytes, cutBytes, empty } = await repair(file).finally(() => file.close());
    await (empty ? rm(part) : rename(part, target));
    await syncDirectory(target);
    const outcome = empty ? "empty" : "recovered";
    return { part, outcome, path: empty ? undefined : target, bytes, cutBytes, reason: undefined };
  } catch (error) {
    return quarantine(dataDir, part, (error as Error).message);
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r+");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function repairWav(file: FileHandle): Promise<Repair> {
  const { size } = await file.stat();
  const head = Buffer.alloc(Math.min(size, WAV_HEADER_BYTES));
  await file.read(head, 0, head.length, 0);
  if (size < WAV_HEADER_BYTES || isUnwritten(head)) return { bytes: 0, cutBytes: size, empty: true };
  const plan = planRepair(head, size);
  await file.truncate(plan.fileBytes);
  await file.write(plan.header, 0, plan.header.length, 0);
  await file.sync();
  return { bytes: plan.fileBytes, cutBytes: size - plan.fileBytes, empty: plan.dataBytes === 0 };
}

// Power loss between the creation of a file and the end of its first write.
function isUnwritten(head: Uint8Array): boolean {
  return head.every((byte) => byte === 0);
}

async function repairBin(file: FileHandle): Promise<Repair> {
  const { size } = await file.stat();
  const bytes = await wholeFrameBytes(file);
  await file.truncate(bytes);
  await file.sync();
  return { bytes, cutBytes: size - bytes, empty: bytes === 0 };
}

async function quarantine(dataDir: string, part: string, reason: string): Promise<RecoveredFile> {
  const folder = join(dataDir, QUARANTINE);
  await mkdir(folder, { recursive: true });
  const path = await unusedStem(join(folder, relative(dataDir, part).replaceAll(/[\\/]/g, "_")), [""]);
  await rename(part, path);
  await writeFile(`${path}.reason.txt`, `${reason}\n`);
  return { part, outcome: "quarantined", path, bytes: 0, cutBytes: 0, reason };
}
