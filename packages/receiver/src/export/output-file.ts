import { existsSync } from "node:fs";
import { type FileHandle, link, open, rename, rm, unlink } from "node:fs/promises";
import { ReceiverError } from "../errors.js";

/**
 * A file that is not there until it is complete: it is written beside its place, under a name of this process, and
 * then gets its own. An existing one is replaced only with `force`.
 */
export class OutputFile {
  /** Where to write. */
  readonly partialPath: string;
  readonly #path: string;
  readonly #force: boolean;

  private constructor(path: string, force: boolean) {
    this.#path = path;
    this.#force = force;
    this.partialPath = `${path}.${process.pid}.partial`;
  }

  /** @throws ReceiverError `export-failed`: it exists, or its folder cannot be written */
  static async create(path: string, force: boolean): Promise<OutputFile> {
    const output = new OutputFile(path, force);
    if (!force && existsSync(path)) throw output.#exists();
    await (await output.#open("wx")).close();
    return output;
  }

  /** Writes all chunks, and forces them to the disk. */
  async write(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const file = await this.#open("w");
    try {
      await this.#explained(async () => {
        for await (const chunk of chunks) await writeAll(file, chunk);
        await file.sync();
      });
    } finally {
      await file.close();
    }
  }

  /** Lets somebody else write to `partialPath`. */
  through(write: (partialPath: string) => Promise<void>): Promise<void> {
    return this.#explained(() => write(this.partialPath));
  }

  /** Gives it its name. */
  complete(): Promise<void> {
    return this.#explained(() => (this.#force ? rename(this.partialPath, this.#path) : this.#claim()));
  }

  /** Removes what was written. */
  async discard(): Promise<void> {
    await rm(this.partialPath, { force: true });
  }

  // A link fails where a rename would overwrite what came there meanwhile; not every file system has links.
  async #claim(): Promise<void> {
    try {
      await link(this.partialPath, this.#path);
      await unlink(this.partialPath);
    } catch (error) {
      if (isCode(error, "EEXIST") || existsSync(this.#path)) throw this.#exists();
      await rename(this.partialPath, this.#path);
    }
  }

  #open(flags: "w" | "wx"): Promise<FileHandle> {
    return this.#explained(() => open(this.partialPath, flags));
  }

  #exists(): ReceiverError {
    return new ReceiverError(
      "export-failed",
      `${this.#path} exists already: choose another --out, or --force`,
    );
  }

  async #explained<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof Error && "syscall" in error)) throw error;
      throw new ReceiverError("export-failed", `${this.#path} cannot be written: ${error.message}`, {
        cause: error,
      });
    }
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at, chunk.length - at)).bytesWritten;
}
