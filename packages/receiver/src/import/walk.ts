import type { Dirent } from "node:fs";
import { lstat, readdir, realpath } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { ReceiverError } from "../errors.js";

/** How an old file holds a recording. */
export const OLD_FORMS = ["wav", "flac", "opus", "wav.gz", "bin"] as const;
export type OldForm = (typeof OLD_FORMS)[number];

/** A file of an earlier receiver. */
export interface OldFile {
  /** Absolute. */
  readonly path: string;
  readonly form: OldForm;
  readonly bytes: number;
  /** What it takes on its disk. */
  readonly storedBytes: number;
  /** Time of its last write: UTC, milliseconds since the epoch. */
  readonly writtenMs: number;
}

/** The files of one name in one folder. */
export interface OldSegment {
  /** The name without folders and extension. */
  readonly stem: string;
  /** In the order of `OLD_FORMS`. */
  readonly files: readonly OldFile[];
}

/** A file or folder that is not taken, and why. */
export interface LeftOut {
  readonly path: string;
  readonly reason: string;
  /** `other`: nothing that is wanted; `known`: it is here already; `later`: not now; `broken`: it should have been taken. */
  readonly kind: "other" | "known" | "later" | "broken";
  /** The file that was imported before, if it is one. */
  readonly old?: OldFile;
}

export type Walked = OldSegment | LeftOut;

const RECORDING = /^([^.].*?)\.(wav\.gz|wav|flac|opus|bin)$/s;
const MOST_FOLDERS_DEEP = 32;

/**
 * Walks through `source`, a folder or a file, in the order of names. Links are not followed, `without` (absolute) is not
 * looked into, hidden files and folders are passed over. What cannot be read is told and does not end the walk.
 * @throws ReceiverError `import-failed`: there is no such source, or it cannot be read
 */
export async function* walkOld(source: string, without: string): AsyncGenerator<Walked> {
  const root = await explained(source, () => realpath(source));
  const stats = await lstat(root);
  if (stats.isDirectory()) yield* walkFolder(root, without, 0);
  else yield* named(dirname(root), [basename(root)]);
}

async function explained<T>(source: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const { message } = cause as Error;
    throw new ReceiverError("import-failed", `${source} cannot be read: ${message}`, { cause });
  }
}

async function* walkFolder(folder: string, without: string, depth: number): AsyncGenerator<Walked> {
  if (folder === without) return;
  const entries = await entriesOf(folder, depth);
  if ("reason" in entries) return yield entries;
  const files = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  yield* named(folder, files);
  for (const entry of entries)
    if (entry.isDirectory()) yield* walkFolder(join(folder, entry.name), without, depth + 1);
}

async function entriesOf(folder: string, depth: number): Promise<Dirent[] | LeftOut> {
  if (depth > MOST_FOLDERS_DEEP)
    return { path: folder, kind: "broken", reason: `lies more than ${MOST_FOLDERS_DEEP} folders deep` };
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter(({ name }) => !name.startsWith(".")).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (depth === 0) await explained(folder, () => Promise.reject(error));
    return { path: folder, kind: "broken", reason: (error as Error).message };
  }
}

async function* named(folder: string, names: readonly string[]): AsyncGenerator<Walked> {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const [, stem] = RECORDING.exec(name) ?? [];
    if (stem === undefined) yield other(join(folder, name), "is no .wav, .wav.gz, .flac, .opus or .bin");
    else groups.set(stem, [...(groups.get(stem) ?? []), name]);
  }
  for (const [stem, group] of groups) {
    const looked = await Promise.all(group.map((name) => look(join(folder, name))));
    yield* looked.filter((found) => "reason" in found);
    const files = looked.filter((found) => "form" in found);
    files.sort((a, b) => OLD_FORMS.indexOf(a.form) - OLD_FORMS.indexOf(b.form));
    if (files.length > 0) yield { stem, files };
  }
}

function other(path: string, reason: string): LeftOut {
  return { path, reason, kind: "other" };
}

async function look(path: string): Promise<OldFile | LeftOut> {
  const [, , form] = RECORDING.exec(path.slice(path.lastIndexOf(sep) + 1)) as unknown as [
    string,
    string,
    OldForm,
  ];
  try {
    const stats = await lstat(path);
    if (stats.isSymbolicLink()) return { path, kind: "broken", reason: "is a link, which is not followed" };
    if (!stats.isFile()) return { path, kind: "broken", reason: "is no regular file" };
    return { path, form, bytes: stats.size, storedBytes: stats.blocks * 512, writtenMs: stats.mtimeMs };
  } catch (error) {
    return { path, kind: "broken", reason: (error as Error).message };
  }
}
