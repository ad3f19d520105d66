import { constants } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { FileSystem } from "./file-system.js";

/** Why nothing can be recorded at the moment. */
export type DiskTrouble = "disk-full" | "disk-unavailable";

export interface DiskWatchOptions extends DiskLimits {
  readonly fs: FileSystem;
  /** Absolute path; exists when the watch begins. */
  readonly dataDir: string;
  /** Called at each change, with the reason or, when recording may go on, undefined. */
  readonly onChange: (trouble: DiskTrouble | undefined, detail: string) => void;
}

export interface DiskLimits {
  /** Recording stops when less than this is free, and goes on when 5 % more is, but no more than 64 MB more. */
  readonly minFreeBytes: number;
  /** Recording stops while the file system has room for fewer files; one that knows no such limit is not asked. */
  readonly minFreeFiles: number;
}

const CHECK_EVERY_MS = 1000;
// Free space that hovers round the limit (logs, other programs) must not stop and start the recording every second.
const MARGIN = 0.05;
const LARGEST_MARGIN_BYTES = 64_000_000;
// Enough that a disk which takes it can also take the next second of some streams.
const PROBE_BYTES = 256 * 1024;

/** Knows whether the data directory takes audio: looks at free space every second, and at what failed. */
export class DiskWatch {
  readonly #options: DiskWatchOptions;
  #limits: DiskLimits;
  #trouble: DiskTrouble | undefined;
  #failedSinceCheck = false;
  #freeBytes = Number.NaN;
  #totalBytes = Number.NaN;
  #freeFiles = Number.NaN;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: DiskWatchOptions) {
    this.#options = options;
    this.#limits = options;
  }

  /** From the next look on these hold. */
  limit(limits: DiskLimits): void {
    this.#limits = limits;
  }

  /** undefined: recording is possible. */
  get trouble(): DiskTrouble | undefined {
    return this.#trouble;
  }

  /** Free bytes at the last look; NaN when even that failed. */
  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** Size of the file system; NaN when the last look failed. */
  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** Files that the file system has room for; NaN when it knows no such limit, or the last look failed. */
  get freeFiles(): number {
    return this.#freeFiles;
  }

  /** Looks once, then every second until `stop`. */
  async start(): Promise<void> {
    await this.#check();
    const again = async () => {
      await this.#check();
      if (!this.#closed) this.#timer = setTimeout(again, CHECK_EVERY_MS);
    };
    this.#timer = setTimeout(again, CHECK_EVERY_MS);
  }

  /** Looks at the disk no more. */
  stop(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** A recording failed: nothing more is written until a probe succeeds. */
  report(error: NodeJS.ErrnoException): void {
    // Without a code it is not the system that says so, but somebody of ours who has waited too long for the disk.
    if (error.code === undefined && this.#trouble !== undefined) return;
    this.#failedSinceCheck = true;
    const full = error.code === "ENOSPC" || error.code === "EDQUOT";
    this.#change(full ? "disk-full" : "disk-unavailable", error.message);
  }

  async #check(): Promise<void> {
    try {
      const lack = await this.#lookWhatLacks();
      if (lack !== undefined) return this.#change("disk-full", lack);
      if (this.#trouble === undefined)
        await promisify(this.#options.fs.access)(this.#options.dataDir, constants.W_OK);
      else await this.#recover();
    } catch (error) {
      this.report(error as NodeJS.ErrnoException);
    }
  }

  async #lookWhatLacks(): Promise<string | undefined> {
    const { files, freeFiles } = await this.#lookHowMuchIsFree();
    const wanted = this.#wantedBytes();
    const { minFreeFiles } = this.#limits;
    if (this.#freeBytes < wanted) return `${mega(this.#freeBytes)} free, at least ${mega(wanted)} wanted`;
    if (files === 0 || freeFiles >= minFreeFiles) return undefined;
    return `room for ${freeFiles} more files, at least ${minFreeFiles} wanted`;
  }

  // What a user without privileges may still take: file systems keep some back for the system (bfree > bavail).
  async #lookHowMuchIsFree(): Promise<{ readonly files: number; readonly freeFiles: number }> {
    const { fs, dataDir } = this.#options;
    try {
      const { bavail, blocks, bsize, files, ffree } = await promisify(fs.statfs)(dataDir);
      this.#freeBytes = Number(bavail) * Number(bsize);
      this.#totalBytes = Number(blocks) * Number(bsize);
      this.#freeFiles = files === 0 ? Number.NaN : Number(ffree);
      return { files: Number(files), freeFiles: Number(ffree) };
    } catch (error) {
      this.#freeBytes = Number.NaN;
      this.#totalBytes = Number.NaN;
      this.#freeFiles = Number.NaN;
      throw error;
    }
  }

  #wantedBytes(): number {
    const { minFreeBytes } = this.#limits;
    const margin = Math.min(minFreeBytes * MARGIN, LARGEST_MARGIN_BYTES);
    return this.#trouble === "disk-full" ? minFreeBytes + margin : minFreeBytes;
  }

  async #recover(): Promise<void> {
    this.#failedSinceCheck = false;
    await this.#probe();
    if (!this.#failedSinceCheck) this.#change(undefined, `${mega(this.#freeBytes)} free`);
  }

  async #probe(): Promise<void> {
    const { fs, dataDir } = this.#options;
    const path = join(dataDir, ".disk-probe");
    const fd = await (promisify(fs.open) as (path: string, flags: string, mode: number) => Promise<number>)(
      path,
      "w",
      0o600,
    );
    try {
      await writeAll(fs, fd, Buffer.alloc(PROBE_BYTES));
      await promisify(fs.fsync)(fd);
    } finally {
      await promisify(fs.close)(fd);
      await promisify(fs.unlink)(path);
    }
  }

  #change(trouble: DiskTrouble | undefined, detail: string): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    if (!this.#closed) this.#options.onChange(trouble, detail);
  }
}

async function writeAll(fs: FileSystem, fd: number, bytes: Buffer): Promise<void> {
  const write = (at: number) =>
    new Promise<number>((resolve, reject) => {
      fs.write(fd, bytes, at, bytes.length - at, at, (error, written) =>
        error === null ? resolve(written) : reject(error),
      );
    });
  for (let at = 0; at < bytes.length; ) at += await write(at);
}

function mega(bytes: number): string {
  return `${Math.floor(bytes / 1_000_000)} MB`;
}
