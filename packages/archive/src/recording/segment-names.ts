import { dirname, join, sep } from "node:path";
import { numberedStem } from "@audio/segments";
import type { DirectorySync } from "../disk/directory-sync.js";
import type { PromisedFs } from "../disk/promised-fs.js";
import { FINISHED_EXTENSIONS } from "./finished-names.js";

// Names on which the last number is remembered: a thousand devices that share a minute's name must not each
// count from 1 again.
const REMEMBERED_NAMES = 4096;
// Whoever deletes old recordings removes folders that are empty, also one that was made just now for a file to come.
const MOST_ATTEMPTS = 10;

/** A name that nobody else has, and the open file that holds it. */
export interface ClaimedName {
  /** Absolute path without extension. */
  readonly stem: string;
  /** Descriptor of `{stem}.wav.part`. */
  readonly fd: number;
}

export interface SegmentNamesOptions {
  readonly fs: PromisedFs;
  /** Absolute path; exists. */
  readonly dataDir: string;
  /** Makes new folders durable; undefined: left to the operating system. */
  readonly folders?: DirectorySync;
  /** Makes each `.part` durable as soon as it has its name; undefined: with its end. */
  readonly parts?: DirectorySync;
}

interface Numbers {
  last: number;
  /** Settles when it is known which numbers stood there before. */
  known: Promise<unknown>;
}

/** Finds free names under the data directory: `name`, `name_2`, `name_3`, … */
export class SegmentNames {
  readonly #options: SegmentNamesOptions;
  readonly #fs: PromisedFs;
  readonly #dataDir: string;
  readonly #numbers = new Map<string, Numbers>();
  /** Folders in which a folder was made that is not known to be on disk yet. */
  readonly #unsynced = new Set<string>();

  constructor(options: SegmentNamesOptions) {
    this.#options = options;
    this.#fs = options.fs;
    this.#dataDir = options.dataDir;
  }

  /**
   * Names that are asked for while an earlier claim of the same is under way come behind that one's.
   * @param name path below the data directory, without extension
   * @param onTry told which stem is tried: when the claim fails, no other claim gets it, so that `reclaim` can
   */
  async claim(name: string, onTry: (stem: string) => void = () => undefined): Promise<ClaimedName> {
    const numbers = this.#numbers.get(name);
    if (numbers !== undefined) {
      this.#remember(name, numbers);
      await numbers.known;
      return this.#next(name, numbers, onTry);
    }
    const first: Numbers = { last: 0, known: Promise.resolve() };
    this.#remember(name, first);
    const claimed = this.#next(name, first, onTry);
    first.known = claimed.catch(() => undefined); // whoever claims it hears of the error
    return claimed;
  }

  /** Claims the stem that a failed claim of `name` had tried: it comes before those that were claimed since. */
  async reclaim(name: string, stem: string | undefined): Promise<ClaimedName> {
    const fd = stem === undefined ? undefined : await this.#tryClaim(stem);
    return stem === undefined || fd === undefined ? this.claim(name) : { stem, fd };
  }

  async #next(name: string, numbers: Numbers, onTry: (stem: string) => void): Promise<ClaimedName> {
    for (;;) {
      const n = ++numbers.last; // no two claims try the same, or a thousand try a million
      const stem = join(this.#dataDir, numberedStem(name, n));
      onTry(stem);
      const fd = await this.#tryClaim(stem);
      if (fd !== undefined) return { stem, fd };
    }
  }

  // The exclusive .part comes first: after it nobody else can finish a file of this name.
  async #tryClaim(stem: string): Promise<number | undefined> {
    const part = `${stem}.wav.part`;
    const fd = await this.#openExclusive(part);
    if (fd === undefined) return undefined;
    try {
      if (!(await this.#finished(stem))) {
        await this.#syncNew(dirname(part));
        return fd;
      }
      await this.#fs.unlink(part);
    } catch (error) {
      await this.#fs.close(fd);
      throw error;
    }
    await this.#fs.close(fd);
    return undefined;
  }

  // A power loss must not take a folder with all that is finished in it: a file's fsync does not cover the entries
  // above it. All who use a new folder wait for this, not only the one that made it.
  async #syncNew(folder: string): Promise<void> {
    const { folders, parts } = this.#options;
    for (const parent of this.#unsynced) {
      await folders?.sync(parent).catch(ignoreGone);
      this.#unsynced.delete(parent);
    }
    await parts?.sync(folder);
  }

  async #openExclusive(path: string): Promise<number | undefined> {
    for (let attempts = 1; ; attempts++) {
      try {
        if (attempts > 1) await this.#makeFolder(dirname(path));
        return await this.#fs.open(path, "wx");
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "EEXIST") return undefined;
        if (code !== "ENOENT" || attempts === MOST_ATTEMPTS) throw error; // a link to nothing stays one
      }
    }
  }

  // Below the data directory only: were that itself gone (an unmounted disk), recording must not fill the disk
  // that the mount point lies on.
  async #makeFolder(folder: string): Promise<void> {
    if (!folder.startsWith(this.#dataDir + sep)) throw new Error(`data directory ${this.#dataDir} is gone`);
    if (!(await this.#fs.exists(dirname(folder)))) await this.#makeFolder(dirname(folder));
    try {
      await this.#fs.mkdir(folder);
      this.#unsynced.add(dirname(folder));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }

  async #finished(stem: string): Promise<boolean> {
    const found = await Promise.all(
      FINISHED_EXTENSIONS.map((extension) => this.#fs.exists(stem + extension)),
    );
    return found.includes(true);
  }

  #remember(name: string, numbers: Numbers): void {
    this.#numbers.delete(name);
    this.#numbers.set(name, numbers);
    if (this.#numbers.size <= REMEMBERED_NAMES) return;
    const [oldest] = this.#numbers.keys();
    this.#numbers.delete(oldest);
  }
}

// A folder that somebody removed meanwhile has nothing left to be synced, and must not be in the way of others.
function ignoreGone(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
