// The name under which a result grows: `NAME.flac.part` or `NAME.opus.part`, no name of a recording, finished or not.
// Whoever works on it touches it; one that nobody has touched for a while was left by a crash.
import type { Stats } from "node:fs";
import { type FileHandle, link, lstat, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { CompressError, fileError } from "./errors.js";

/** What a result in progress has behind its name. */
const PART_SUFFIX = ".part";

const PART_NAME = /\.(flac|opus)\.part$/;
const TOUCH_MS = 2000;
const STALE_MS = 15_000;

/** A result in progress that is ours alone. */
export interface PartFile {
  readonly path: string;
  /** Brings it to the disk and gives it its name; never overwrites. */
  publish(): Promise<void>;
  /** Removes it unless it was published. */
  discard(): Promise<void>;
}

/**
 * Removes a `NAME.flac.part` or `NAME.opus.part` that a crash left: one that nobody has written for 15 s.
 * @param path of any file; others than those are left alone
 * @returns whether it was removed
 * @throws CompressError `file-unreadable`
 */
export async function removeStalePart(path: string): Promise<boolean> {
  if (!PART_NAME.test(path)) return false;
  try {
    const { mtimeMs } = await lstat(path);
    if (Math.abs(Date.now() - mtimeMs) < STALE_MS) return false;
    await rm(path, { force: true });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw fileError(path, error);
  }
}

/**
 * Removes the part that a crash left beside a finished result: its other name, which it had for a moment, or a stale one.
 * @throws CompressError `file-unreadable`
 */
export async function removePartOf(target: string): Promise<void> {
  const path = target + PART_SUFFIX;
  const [part, result] = await Promise.all([path, target].map(statsIfThere));
  if (part !== undefined && part.ino === result?.ino && part.dev === result.dev)
    await rm(path, { force: true });
  else await removeStalePart(path);
}

async function statsIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw fileError(path, error);
  }
}

/** @throws CompressError `busy` if another process works on it, `file-unreadable`, `disk-full` */
export async function claimPart(target: string): Promise<PartFile> {
  const path = target + PART_SUFFIX;
  const file = (await openNew(path)) ?? ((await removeStalePart(path)) ? await openNew(path) : undefined);
  if (file === undefined) {
    throw new CompressError("busy", `${target} is being made by another process, or was until a moment ago`);
  }
  const { ino } = await file.stat();
  const touching = setInterval(() => touch(file), TOUCH_MS).unref();
  let open = true;
  const close = async () => {
    clearInterval(touching);
    if (open) await file.close();
    open = false;
  };
  return {
    path,
    publish: async () => {
      await file.sync();
      await checkOwn(path, ino);
      await giveName(path, target);
      await checkOwn(target, ino); // between the two another process may have put its own there
      await close();
    },
    discard: async () => {
      await close();
      if (await isOwn(path, ino)) await rm(path, { force: true });
    },
  };
}

async function openNew(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "wx");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return undefined;
    throw fileError(path, error);
  }
}

// A file that cannot be touched is judged by ffmpeg's writing
function touch(file: FileHandle): void {
  const now = new Date();
  file.utimes(now, now).catch(() => undefined);
}

async function isOwn(path: string, ino: number): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.ino === ino;
}

async function checkOwn(path: string, ino: number): Promise<void> {
  if (await isOwn(path, ino)) return;
  throw new CompressError("busy", `${path} was taken by another process while it grew`);
}

// A hard link fails where a rename would overwrite. Some file systems have none: there a moment remains in which
// another process's file of that name would be lost, but nobody else makes such names.
async function giveName(part: string, target: string): Promise<void> {
  try {
    await link(part, target);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw targetExists(target);
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(code ?? "")) throw error;
    if (await exists(target)) throw targetExists(target);
    await rename(part, target);
  }
  await rm(part, { force: true });
  await syncFolder(dirname(target));
}

export function targetExists(target: string, cause?: unknown): CompressError {
  return new CompressError("target-exists", `${target} stands there already and is not this recording`, {
    cause,
  });
}

/** Whether something stands at `path`. */
export async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/** Makes what was renamed or removed in `folder` durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync().catch(ignoreUnsupported);
  } finally {
    await handle.close();
  }
}

// Some network file systems know no fsync of a directory: there a rename is as safe as it gets.
function ignoreUnsupported(error: NodeJS.ErrnoException): void {
  if (error.code !== "EINVAL" && error.code !== "ENOTSUP") throw error;
}
