import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { link, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { numberedStem } from "@audio/segments";
import type { Form } from "../catalogue/segment.js";
import { DirectorySync } from "../disk/directory-sync.js";
import { systemFs } from "../disk/file-system.js";
import { promised } from "../disk/promised-fs.js";
import { exists, FINISHED_EXTENSIONS } from "./finished-names.js";

/** A segment whose files are complete, and have no place yet. */
export interface ReadySegment {
  /** Absolute path; a receiver may be recording into it. */
  readonly dataDir: string;
  /** The name it should have: path below the data directory without extension, with `/`. */
  readonly name: string;
  /** Its files: absolute paths on the same file system, synced. They are moved. */
  readonly files: ReadonlyMap<Form, string>;
  /** A stem that an earlier attempt, cut off by a crash, had begun to fill with these files. */
  readonly begun?: string;
  /** Called when a name is found, before the first file gets it. */
  readonly onFound?: (stem: string) => Promise<void>;
  /** Called when they have their names, and before anybody else looks at them; `stem` as `name`, perhaps numbered. */
  readonly onPlaced?: (stem: string) => Promise<void>;
}

// Shorter than a WAV header, so that whoever finds it after a crash takes it for a file without audio.
const CLAIM = "taken by an import\n";
// Of file systems without hard links.
const NO_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);
const directories = new DirectorySync(promised(systemFs));

/**
 * Gives finished files a place among the recordings, under the first of `name`, `name_2`, `name_3`, … that nobody has.
 * Nothing is ever overwritten, also not what a running receiver records meanwhile; a crash leaves whole files. One
 * process at a time may place segments in a data directory.
 * @returns the stem they have
 */
export async function placeSegment(segment: ReadySegment): Promise<string> {
  const { dataDir, name, begun } = segment;
  await makeFolder(dataDir, dirname(join(dataDir, name)));
  if (begun !== undefined && (await placeAt(segment, begun, async () => false))) return begun;
  for (let n = 1; ; n++) {
    const stem = numberedStem(name, n);
    if (await placeAt(segment, stem, isTaken)) return stem;
  }
}

async function placeAt(
  { dataDir, files, onFound, onPlaced }: ReadySegment,
  stem: string,
  isTaken: (path: string) => Promise<boolean>,
): Promise<boolean> {
  const path = join(dataDir, stem);
  const part = `${path}.wav.part`;
  if (!(await claim(part))) return false;
  try {
    if (await isTaken(path)) return false;
    await onFound?.(stem);
    if (!(await moveAll(files, path))) return false;
    await directories.sync(dirname(path));
    await onPlaced?.(stem);
    return true;
  } finally {
    await rm(part, { force: true });
  }
}

// Whoever records claims a name by its .part, too. One of ours that stands there was left by a crash.
async function claim(part: string): Promise<boolean> {
  try {
    await writeFile(part, CLAIM, { flag: "wx" });
    return true;
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
    return isOurs(part);
  }
}

async function isOurs(part: string): Promise<boolean> {
  try {
    return (await stat(part)).size === CLAIM.length && (await readFile(part, "latin1")) === CLAIM;
  } catch (error) {
    if (!isCode(error, "ENOENT")) throw error;
    return false; // it has got its final name meanwhile
  }
}

async function isTaken(path: string): Promise<boolean> {
  const others = [...FINISHED_EXTENSIONS, ".bin.part"];
  return (await Promise.all(others.map((extension) => exists(path + extension)))).includes(true);
}

/** @returns whether all of them have their names; if not, none has got one now */
async function moveAll(files: ReadySegment["files"], path: string): Promise<boolean> {
  const done: string[] = [];
  for (const [form, from] of files) {
    const to = `${path}.${form}`;
    if (await giveName(from, to)) done.push(to);
    else if (!(await isSame(from, to))) {
      for (const earlier of done) await rm(earlier);
      return false;
    }
  }
  for (const from of files.values()) await rm(from, { force: true });
  return true;
}

// Left by an earlier attempt: a file that has its name is whole, and nobody else makes one of the very same content.
async function isSame(from: string, to: string): Promise<boolean> {
  const [one, other] = await Promise.all([hashOf(from), hashOf(to)]);
  return one === other;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}

// A link fails where a rename would overwrite.
async function giveName(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    if (![...NO_LINKS].some((code) => isCode(error, code))) throw error;
  }
  if (await exists(to)) return false;
  await rename(from, to);
  return true;
}

async function makeFolder(dataDir: string, folder: string): Promise<void> {
  if (folder === dataDir || (await exists(folder))) return;
  await makeFolder(dataDir, dirname(folder));
  await mkdir(folder, { recursive: true });
  await directories.sync(dirname(folder));
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
