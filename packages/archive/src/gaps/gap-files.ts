import { constants, type Stats } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { DirectorySync } from "../disk/directory-sync.js";
import type { FileSystem } from "../disk/file-system.js";
import { promised } from "../disk/promised-fs.js";

/** Folder of the ledger, below the data directory. */
export const GAPS_FOLDER = "gaps";
export const GAP_FILE = /^(\d{4}-\d{2}-\d{2})\.jsonl$/;

const NEWLINE = 0x0a;
const TAIL_BYTES = 4096;

/** Appends whole lines to the ledger's files, one a day; a line is there in full or not at all. */
export class GapFiles {
  readonly #fs: FileSystem;
  readonly #folder: string;
  readonly #sync: boolean;
  readonly #directories: DirectorySync;
  /** Sizes before an append that failed: what it left behind them must go before the next try. */
  readonly #sizeBefore = new Map<string, number>();

  /** @param sync every append ends with an fsync */
  constructor(fs: FileSystem, dataDir: string, sync: boolean) {
    this.#fs = fs;
    this.#folder = join(dataDir, GAPS_FOLDER);
    this.#sync = sync;
    this.#directories = new DirectorySync(promised(fs));
  }

  /**
   * Writes `text`, whole lines, behind what stands in the file of `day`; a torn line at its end goes first. After a
   * failure the same lines may be appended again: they never stand there twice.
   */
  async append(day: string, text: string): Promise<void> {
    const path = join(this.#folder, `${day}.jsonl`);
    const fd = await this.#open(path);
    try {
      const size = await this.#repaired(fd, path);
      this.#sizeBefore.set(path, size);
      await this.#write(fd, Buffer.from(text), size);
      if (this.#sync) await promisify(this.#fs.fsync)(fd);
      if (this.#sync && size === 0) await this.#directories.sync(this.#folder);
    } finally {
      await promisify(this.#fs.close)(fd);
    }
    this.#sizeBefore.delete(path);
  }

  // Only the folder itself is made: were the data directory gone (an unmounted disk), it must not come back here.
  async #open(path: string): Promise<number> {
    const flags = constants.O_RDWR | constants.O_CREAT;
    const open = () =>
      new Promise<number>((resolve, reject) => {
        this.#fs.open(path, flags, 0o644, (error, fd) => (error === null ? resolve(fd) : reject(error)));
      });
    try {
      return await open();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
    await (promisify(this.#fs.mkdir) as (folder: string) => Promise<void>)(this.#folder);
    if (this.#sync) await this.#directories.sync(dirname(this.#folder));
    return open();
  }

  /** Size of the file once it ends with a whole line. */
  async #repaired(fd: number, path: string): Promise<number> {
    const { size } = await (promisify(this.#fs.fstat) as (fd: number) => Promise<Stats>)(fd);
    const whole = Math.min(this.#sizeBefore.get(path) ?? size, await this.#wholeLines(fd, size));
    if (whole < size) await promisify(this.#fs.ftruncate)(fd, whole);
    return whole;
  }

  async #wholeLines(fd: number, size: number): Promise<number> {
    const tail = Buffer.alloc(TAIL_BYTES);
    for (let end = size; end > 0; ) {
      const start = Math.max(0, end - TAIL_BYTES);
      const bytes = tail.subarray(0, await this.#read(fd, tail, end - start, start));
      const newline = bytes.lastIndexOf(NEWLINE);
      if (newline >= 0) return start + newline + 1;
      end = start;
    }
    return 0;
  }

  #read(fd: number, target: Buffer, length: number, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#fs.read(fd, target, 0, length, position, (error, bytes) =>
        error === null ? resolve(bytes) : reject(error),
      );
    });
  }

  async #write(fd: number, bytes: Buffer, position: number): Promise<void> {
    const write = (at: number) =>
      new Promise<number>((resolve, reject) => {
        this.#fs.write(fd, bytes, at, bytes.length - at, position + at, (error, written) =>
          error === null ? resolve(written) : reject(error),
        );
      });
    for (let at = 0; at < bytes.length; ) at += await write(at);
  }
}
