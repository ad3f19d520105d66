import { dirname, join } from "node:path";
import { DirectorySync } from "../disk/directory-sync.js";
import type { FileSystem } from "../disk/file-system.js";
import type { PromisedFs } from "../disk/promised-fs.js";
import { writeAll } from "../disk/write-all.js";

const NAME = /^(\d{10})\.log$/;

/** Number of the generation that a file of this name holds; undefined if it is none. */
export function generationNumber(name: string): number | undefined {
  const digits = NAME.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Path of a generation's file. */
export function generationPath(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(10, "0")}.log`);
}

/** The disk on which a journal is kept. */
export interface JournalDisk {
  readonly fs: FileSystem;
  readonly promised: PromisedFs;
  /** Absolute path of the journal's folder; made when missing, its parent exists. */
  readonly folder: string;
}

async function makeFolder({ promised, folder }: JournalDisk): Promise<void> {
  try {
    await promised.mkdir(folder);
    await new DirectorySync(promised).sync(dirname(folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** One file of the journal, being written. */
export class Generation {
  readonly path: string;
  readonly #disk: JournalDisk;
  readonly #fd: number;
  #bytes = 0;

  private constructor(disk: JournalDisk, path: string, fd: number) {
    this.#disk = disk;
    this.path = path;
    this.#fd = fd;
  }

  /** Begins a file that `records` make whole in itself; it is on disk when this resolves. */
  static async create(
    disk: JournalDisk,
    number: number,
    records: readonly Uint8Array[],
  ): Promise<Generation> {
    const path = generationPath(disk.folder, number);
    await makeFolder(disk);
    const generation = new Generation(disk, path, await disk.promised.open(path, "wx"));
    try {
      await generation.append(records);
      await generation.sync();
      await new DirectorySync(disk.promised).sync(disk.folder);
      return generation;
    } catch (error) {
      await generation.close();
      await disk.promised.unlink(path);
      throw error;
    }
  }

  /** Bytes written. */
  get bytes(): number {
    return this.#bytes;
  }

  async append(records: readonly Uint8Array[]): Promise<void> {
    this.#bytes += await writeAll(this.#disk.fs, this.#fd, records, this.#bytes);
  }

  /** Brings everything appended so far to the disk. */
  sync(): Promise<void> {
    return this.#disk.promised.fsync(this.#fd);
  }

  close(): Promise<void> {
    return this.#disk.promised.close(this.#fd);
  }
}
