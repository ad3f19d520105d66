import type { BigIntStats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { UploadError } from "./errors.js";

const READ_BYTES = 256 * 1024;

/** A file that is being uploaded: open, and known not to change meanwhile. */
export class SourceFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly #handle: FileHandle;
  readonly #found: BigIntStats;

  private constructor(path: string, handle: FileHandle, found: BigIntStats) {
    this.path = path;
    this.#handle = handle;
    this.#found = found;
    this.size = Number(found.size);
  }

  /** @throws UploadError `file-gone`, `file-unreadable` */
  static async open(path: string): Promise<SourceFile> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, "r");
      const found = await handle.stat({ bigint: true });
      if (!found.isFile()) throw new UploadError("file-unreadable", `${path} is no file`);
      return new SourceFile(path, handle, found);
    } catch (error) {
      await handle?.close();
      throw fileError(path, error);
    }
  }

  /**
   * The bytes from `start` to before `end`. The last ones come only if the file is still the one that was opened,
   * so that nobody completes something that has changed.
   * @throws UploadError `file-changed`, `file-unreadable`; the signal's reason
   */
  async *read(
    start: number,
    end: number,
    signal?: AbortSignal,
    chunkBytes = READ_BYTES,
  ): AsyncGenerator<Buffer> {
    for (let position = start; position < end; ) {
      signal?.throwIfAborted();
      const chunk = await this.#readAt(position, Math.min(chunkBytes, end - position));
      position += chunk.length;
      if (position === end) await this.refuseChanged();
      yield chunk;
    }
  }

  /** @throws UploadError `file-changed` */
  async refuseChanged(): Promise<void> {
    const now = await this.#handle.stat({ bigint: true });
    const { size, mtimeNs, nlink } = this.#found;
    if (now.size === size && now.mtimeNs === mtimeNs && (now.nlink > 0n || nlink === 0n)) return;
    if (now.nlink === 0n)
      throw new UploadError("file-gone", `${this.path} was deleted while it was being uploaded`);
    const sizes = `${size} bytes, now ${now.size}`;
    throw new UploadError("file-changed", `${this.path} changed while it was being uploaded (${sizes})`);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  async #readAt(position: number, bytes: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(bytes);
    try {
      const { bytesRead } = await this.#handle.read(buffer, 0, bytes, position);
      if (bytesRead === 0) await this.refuseChanged();
      if (bytesRead === 0) throw new UploadError("file-unreadable", `${this.path} ends at byte ${position}`);
      return buffer.subarray(0, bytesRead);
    } catch (error) {
      throw fileError(this.path, error);
    }
  }
}

function fileError(path: string, error: unknown): UploadError {
  if (error instanceof UploadError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT" || code === "ENOTDIR")
    return new UploadError("file-gone", `${path} is not there (any more)`, { cause: error });
  return new UploadError("file-unreadable", `${path} cannot be read: ${message}`, { cause: error });
}
