import { readFileSync } from "node:fs";
import { open, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import { ArchiveError } from "./errors.js";

const LOCK_NAME = "receiver.lock";

/** Who holds a data directory. */
interface Holder {
  readonly pid: number;
  /** Kernel's start time of that process (clock ticks since boot), where /proc tells it: a pid alone is reused. */
  readonly started: string | undefined;
}

/**
 * Takes the data directory for this process, so that nobody repairs or renames files which another is writing.
 * The lock of a process that died (also by power loss) does not count.
 * @returns gives the lock back
 * @throws ArchiveError `data-dir-in-use`
 */
export async function lockDataDir(dataDir: string): Promise<() => Promise<void>> {
  const path = join(dataDir, LOCK_NAME);
  for (;;) {
    if (await tryCreate(path)) return () => unlink(path);
    const holder = await readHolder(path);
    if (holder !== undefined && isAlive(holder)) {
      throw new ArchiveError(
        "data-dir-in-use",
        `data directory ${dataDir} is in use by process ${holder.pid}: stop that one or choose another --data-dir`,
      );
    }
    await unlink(path).catch(ignoreMissing);
  }
}

async function tryCreate(path: string): Promise<boolean> {
  try {
    const file = await open(path, "wx", 0o644);
    const holder: Holder = { pid: process.pid, started: startTime(process.pid) };
    await file.writeFile(`${JSON.stringify(holder)}\n`);
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  const text = await readFile(path, "utf8").catch(() => "");
  try {
    const holder = JSON.parse(text) as Holder;
    return Number.isInteger(holder.pid) ? holder : undefined;
  } catch {
    return undefined; // torn by a crash: whoever wrote it is gone
  }
}

function isAlive(holder: Holder): boolean {
  if (holder.pid === process.pid) return holder.started === startTime(process.pid);
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  return holder.started === undefined || holder.started === startTime(holder.pid);
}

function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined; // no /proc on this system
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
