import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { numberedStem } from "@audio/segments";
import type { FileSystem } from "./file-system.js";
import { FINISHED_EXTENSIONS } from "./finished-names.js";

// Names on which the last number is remembered: a thousand devices that share a minute's name must not each
// count from 1 again.
const REMEMBERED_NAMES = 4096;

/** A name that nobody else has, and the open file that holds it. */
export interface ClaimedName {
  /** Absolute path without extension. */
  readonly stem: string;
  /** Descriptor of `{stem}.wav.part`. */
  readonly fd: number;
}

/** Finds free names under the data directory: `name`, `name_2`, `name_3`, … */
export class SegmentNames {
  readonly #fs: FileSystem;
  readonly #dataDir: string;
  readonly #lastNumber = new Map<string, number>();

  constructor(fs: FileSystem, dataDir: string) {
    this.#fs = fs;
    this.#dataDir = dataDir;
  }

  /** @param name path below the data directory, without extension */
  async claim(name: string): Promise<ClaimedName> {
    for (let n = (this.#lastNumber.get(name) ?? 0) + 1; ; n++) {
      this.#remember(name, n);
      const stem = join(this.#dataDir, numberedStem(name, n));
      const fd = await this.#tryClaim(stem);
      if (fd !== undefined) return { stem, fd };
    }
  }

  // The exclusive .part comes first: after it nobody else can finish a file of this name.
  async #tryClaim(stem: string): Promise<number | undefined> {
    const part = `${stem}.wav.part`;
    const fd = await this.#openExclusive(part);
    if (fd === undefined || !(await this.#finished(stem))) return fd;
    await promisify(this.#fs.close)(fd);
    await promisify(this.#fs.unlink)(part);
    return undefined;
  }

  async #openExclusive(path: string): Promise<number | undefined> {
    const open = promisify(this.#fs.open) as (path: string, flags: string, mode: number) => Promise<number>;
    try {
      return await open(path, "wx", 0o644);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST") return undefined;
      if (code !== "ENOENT") throw error;
      await this.#makeFolders(dirname(path));
      return open(path, "wx", 0o644);
    }
  }

  // Below the data directory only: were that itself gone (an unmounted disk), recording must not fill the disk
  // that the mount point lies on.
  async #makeFolders(folder: string): Promise<void> {
    await promisify(this.#fs.access)(this.#dataDir);
    const mkdir = promisify(this.#fs.mkdir) as (
      path: string,
      options: { recursive: true },
    ) => Promise<unknown>;
    await mkdir(folder, { recursive: true });
  }

  async #finished(stem: string): Promise<boolean> {
    const found = await Promise.all(FINISHED_EXTENSIONS.map((extension) => this.#exists(stem + extension)));
    return found.includes(true);
  }

  #exists(path: string): Promise<boolean> {
    return new Promise((resolve) => this.#fs.access(path, (error) => resolve(error === null)));
  }

  #remember(name: string, n: number): void {
    this.#lastNumber.delete(name);
    this.#lastNumber.set(name, n);
    if (this.#lastNumber.size <= REMEMBERED_NAMES) return;
    const [oldest] = this.#lastNumber.keys();
    this.#lastNumber.delete(oldest);
  }
}
