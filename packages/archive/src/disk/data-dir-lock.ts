import { readFileSync, readlinkSync } from "node:fs";
import { open, readFile, rename, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ArchiveError } from "../errors.js";
import { isLit, type LockBeacon, lightBeacon } from "./lock-beacon.js";

const LOCK_NAME = "receiver.lock";

/** Who holds a data directory. */
interface Holder {
  readonly pid: number;
  /** Kernel's start time of that process (clock ticks since boot), where /proc tells it: a pid alone is reused. */
  readonly started: string | undefined;
  /** Where that number means that process: two containers on one directory both have a process 1. */
  readonly space: string | undefined;
}

// Held for some milliseconds only: one that stands longer was left by a crash.
const TURN_ABANDONED_MS = 2000;
const ASK_AGAIN_MS = 10;

/**
 * Takes the data directory for this process, so that nobody repairs or renames files which another is writing.
 * The lock of a process that died (also by power loss) does not count. One in another container counts while it lives.
 * @returns gives the lock back
 * @throws ArchiveError `data-dir-in-use`, `data-dir-unusable` (a disk so full that it does not even take a lock)
 */
export async function lockDataDir(dataDir: string): Promise<() => Promise<void>> {
  const path = join(dataDir, LOCK_NAME);
  const next = `${path}.next`;
  await takeTurn(next);
  try {
    const holder = await readHolder(path);
    if (holder !== undefined && (await isAlive(holder, path))) throw inUse(dataDir, holder);
    const beacon = await lightBeacon(beaconOf(path));
    await putLock(dataDir, next, path).catch(async (error) => {
      await beacon?.close();
      throw error;
    });
    return () => release(path, beacon);
  } catch (error) {
    await unlink(next);
    throw error;
  }
}

/** The process that holds a data directory, looked at without touching it; undefined = nobody does. */
export async function dataDirHolder(dataDir: string): Promise<number | undefined> {
  const path = join(dataDir, LOCK_NAME);
  const holder = await readHolder(path);
  return holder !== undefined && (await isAlive(holder, path)) ? holder.pid : undefined;
}

function beaconOf(path: string): string {
  return `${path}.sock`;
}

async function putLock(dataDir: string, next: string, path: string): Promise<void> {
  const ours: Holder = { pid: process.pid, started: startTime(process.pid), space: pidSpace() };
  const text = `${JSON.stringify(ours)}\n`;
  try {
    await writeFile(next, text);
    await rename(next, path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== "ENOSPC" && code !== "EDQUOT") throw cause;
    if (!(await overwrite(path, text))) {
      const advice = "free some space, or choose another --data-dir";
      throw new ArchiveError("data-dir-unusable", `data directory ${dataDir}: ${message}: ${advice}`, {
        cause,
      });
    }
    await unlink(next);
  }
}

// A full disk still takes what goes in the place of something that stands there: the lock that a crash has left.
async function overwrite(path: string, text: string): Promise<boolean> {
  const file = await open(path, "r+").catch(ignoreMissing);
  if (file === undefined) return false;
  try {
    await file.write(text, 0);
    await file.truncate(text.length);
    return true;
  } finally {
    await file.close();
  }
}

// It may be gone with its directory, even be another's by now, or stand on a disk that has become read-only: there
// it stays, and does not count once this process has ended.
async function release(path: string, beacon: LockBeacon | undefined): Promise<void> {
  await beacon?.close();
  const holder = await readHolder(path);
  if (holder === undefined || !isOurs(holder)) return;
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EROFS") ignoreMissing(error);
  });
}

// Of two that find the same dead lock, the second must not remove what the first has put there: so one at a time
// looks and takes.
async function takeTurn(next: string): Promise<void> {
  let seen = { sinceMs: 0, createdMs: Number.NaN };
  while (!(await tryCreate(next))) {
    await sleep(ASK_AGAIN_MS);
    const createdMs = await creationTime(next);
    if (createdMs !== seen.createdMs) seen = { sinceMs: performance.now(), createdMs };
    else if (performance.now() - seen.sinceMs > TURN_ABANDONED_MS) await unlink(next).catch(ignoreMissing);
  }
}

async function tryCreate(path: string): Promise<boolean> {
  try {
    const file = await open(path, "wx", 0o644);
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function creationTime(path: string): Promise<number> {
  const found = await stat(path).catch(ignoreMissing);
  return found?.birthtimeMs ?? Number.NaN;
}

function inUse(dataDir: string, holder: Holder): ArchiveError {
  const advice = "stop that one or choose another --data-dir";
  const where = isElsewhere(holder) ? " of another container" : "";
  return new ArchiveError(
    "data-dir-in-use",
    `data directory ${dataDir} is in use by process ${holder.pid}${where}: ${advice}`,
  );
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

async function isAlive(holder: Holder, path: string): Promise<boolean> {
  return isElsewhere(holder) ? isLit(beaconOf(path)) : isRunning(holder);
}

function isElsewhere({ space }: Holder): boolean {
  return space !== undefined && space !== pidSpace();
}

function isRunning(holder: Holder): boolean {
  if (holder.pid === process.pid) return isOurs(holder);
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  return holder.started === undefined || holder.started === startTime(holder.pid);
}

function isOurs(holder: Holder): boolean {
  const { pid, started } = holder;
  return !isElsewhere(holder) && pid === process.pid && started === startTime(process.pid);
}

// The kernel numbers these spaces anew after each boot, and differently on another machine that has the same disk.
function pidSpace(): string | undefined {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
    return `${boot} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return undefined; // no /proc on this system
  }
}

function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined; // no /proc on this system
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
