import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";

const LOCK_WAIT_MS = 5000;
const LOCK_LOOK_MS = 50;
// Writing takes milliseconds: what is older was left by a process that was killed.
const LOCK_STALE_MS = 10_000;

/** How a file that several programs write is changed. */
export interface FileChange {
  readonly path: string;
  /** Of the file, e.g. 0o600. */
  readonly mode: number;
  /** The new content. It is not asked for before nobody else is changing the file. */
  readonly content: () => Promise<string>;
  /** What to throw when it cannot be written; `cause` undefined: somebody else is writing it. */
  readonly refuse: (path: string, cause: Error | undefined) => Error;
}

/**
 * Changes a small file in one step: whoever reads it sees all of the change or nothing, and of two who change it at
 * once none undoes what the other did. The new file is at the same time the lock: only one can create it. The change
 * is on disk when this resolves.
 */
export async function changeFile(change: FileChange): Promise<void> {
  const { path, content } = change;
  await mkdir(dirname(path), { recursive: true });
  const next = `${path}.new`;
  const file = await lock(next, change);
  try {
    await file.writeFile(await content());
    await file.sync();
    await file.close();
    await rename(next, path);
  } catch (error) {
    await file.close();
    await rm(next, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

async function lock(next: string, { mode, refuse }: FileChange): Promise<FileHandle> {
  const deadline = performance.now() + LOCK_WAIT_MS;
  for (;;) {
    try {
      return await open(next, "wx", mode);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw refuse(next, error as Error);
    }
    if (await isStale(next, refuse)) await rm(next, { force: true });
    else if (performance.now() > deadline) throw refuse(next, undefined);
    else await new Promise((resolve) => setTimeout(resolve, LOCK_LOOK_MS));
  }
}

async function isStale(next: string, refuse: FileChange["refuse"]): Promise<boolean> {
  try {
    return Date.now() - (await stat(next)).mtimeMs > LOCK_STALE_MS;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw refuse(next, error as Error);
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
