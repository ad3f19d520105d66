import { open, rm, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { bytesInWords } from "../commands/in-words.js";
import { type Check, type Finding, fault, ok, warning } from "./finding.js";

const PROBE_BYTES = 16 * 1024 * 1024;
const BLOCK_BYTES = 1024 * 1024;
const SMALL_SYNCS = 8;
// A thousand ADPCM streams write some 40 MB/s; an SD card manages 10.
const SLOW_BYTES_PER_SECOND = 5_000_000;
// Acknowledgements wait for a sync: senders must keep what is sent meanwhile.
const SLOW_SYNC_MS = 250;

/** Whether the data directory can be written, and whose it is; or made, where it is not there yet. */
export const checkDataDir: Check = async ({ dataDir }) => {
  const folder = await nearestFolder(dataDir);
  const { uid, mode } = await stat(folder);
  const path = probePath(folder);
  try {
    await (await open(path, "wx", 0o600)).close();
    await rm(path);
  } catch (error) {
    return [unwritable(folder, error as NodeJS.ErrnoException)];
  }
  if (folder !== dataDir) return [ok("data directory", `${dataDir} is not there yet: serve makes it`)];
  const isOpen = (mode & 0o002) !== 0;
  const found = `${dataDir}, of user ${uid}, can be written`;
  if (isOpen) return [warning("data directory", `${found} by everybody`, `chmod o-w ${dataDir}`)];
  return [ok("data directory", found)];
};

function unwritable(folder: string, { code, message }: NodeJS.ErrnoException): Finding {
  const reason = message.replace(/, open '.*'$/, "");
  const advice: Record<string, string> = {
    EACCES: `give it to user ${process.getuid?.() ?? ""} (chown), or choose another --data-dir`,
    EROFS: "mount it so that it can be written, or choose another --data-dir",
    ENOSPC: "free some space, or choose another --data-dir",
  };
  const found = `${folder} cannot be written (${reason})`;
  return fault("data directory", found, advice[code ?? ""] ?? "mend it, or choose another --data-dir");
}

/** The folder itself, or the nearest one above that is there: what the missing ones would be made in. */
async function nearestFolder(path: string): Promise<string> {
  const there = await stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
      return false;
    },
  );
  return there ? path : nearestFolder(dirname(path));
}

export const checkSpace: Check = async ({ dataDir, settings: { minFreeBytes } }) => {
  const { bsize, blocks, bavail } = await statfs(await nearestFolder(dataDir));
  const free = bavail * bsize;
  const found = `${bytesInWords(free)} of ${bytesInWords(blocks * bsize)} free; recording stops below ${bytesInWords(minFreeBytes)}`;
  if (free <= minFreeBytes)
    return [
      fault("disk space", found, "free some, lower --min-free-mb, or set a retention (docs/retention.md)"),
    ];
  if (free < 2 * minFreeBytes)
    return [warning("disk space", found, "set a retention (docs/retention.md), or free some")];
  return [ok("disk space", found)];
};

/** Writes 16 MB and syncs some small blocks, as recording does. */
export const checkDiskSpeed: Check = async ({ dataDir, settings: { minFreeBytes } }) => {
  const folder = await nearestFolder(dataDir);
  const { bsize, bavail } = await statfs(folder);
  if (bavail * bsize < minFreeBytes + PROBE_BYTES) return [];
  const path = probePath(folder);
  const file = await open(path, "wx", 0o600).catch(() => undefined); // told of already
  if (file === undefined) return [];
  try {
    const block = Buffer.alloc(BLOCK_BYTES, 1);
    const began = performance.now();
    for (let written = 0; written < PROBE_BYTES; written += BLOCK_BYTES) await file.write(block);
    await file.datasync();
    const bytesPerSecond = (PROBE_BYTES * 1000) / (performance.now() - began);
    return [speedFinding(bytesPerSecond, await syncMs(file))];
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
};

/** The longest of some. */
async function syncMs(file: Awaited<ReturnType<typeof open>>): Promise<number> {
  const block = Buffer.alloc(4096, 2);
  let longest = 0;
  for (let i = 0; i < SMALL_SYNCS; i++) {
    const began = performance.now();
    await file.write(block);
    await file.datasync();
    longest = Math.max(longest, performance.now() - began);
  }
  return longest;
}

function speedFinding(bytesPerSecond: number, ms: number): Finding {
  const found = `writes ${bytesInWords(bytesPerSecond)}/s, the slowest of ${SMALL_SYNCS} syncs took ${ms.toFixed(0)} ms`;
  const isSlow = bytesPerSecond < SLOW_BYTES_PER_SECOND || ms > SLOW_SYNC_MS;
  if (!isSlow) return ok("disk speed", found);
  return warning("disk speed", found, "enough for some streams; for many use an SSD, and no network folder");
}

function probePath(folder: string): string {
  return join(folder, `.doctor-${process.pid}.tmp`);
}
