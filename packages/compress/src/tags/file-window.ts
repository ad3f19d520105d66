import { type FileHandle, lstat, open } from "node:fs/promises";
import { CompressError, fileError } from "../errors.js";

/** Largest block of comments that is read: a recording's own are at most about 100 kB. */
export const MAX_COMMENT_BYTES = 1_048_576;

/** An open file and its size. */
export interface FileWindow {
  readonly path: string;
  readonly size: number;
  /** Bytes [offset, offset + length), fewer at the end of the file. */
  read(offset: number, length: number): Promise<Buffer>;
}

/**
 * Opens a regular file for the time of `use`: whoever opens a pipe that somebody left among recordings waits for ever.
 * @throws CompressError `file-unreadable`; what `use` throws
 */
export async function withFile<T>(path: string, use: (file: FileWindow) => Promise<T>): Promise<T> {
  try {
    if (!(await lstat(path)).isFile())
      throw new CompressError("file-unreadable", `${path} is no regular file`);
    const file = await open(path, "r");
    try {
      return await use(await windowOn(path, file));
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(path, error);
  }
}

async function windowOn(path: string, file: FileHandle): Promise<FileWindow> {
  const { size } = await file.stat();
  const read = async (offset: number, length: number) => {
    const wanted = Math.max(0, Math.min(length, size - offset));
    const { buffer, bytesRead } = await file.read(Buffer.alloc(wanted), 0, wanted, offset);
    return buffer.subarray(0, bytesRead);
  };
  return { path, size, read };
}
