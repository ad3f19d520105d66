import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

// Neither followed nor waited for: a link may lead anywhere, the open of a pipe waits for its writer.
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A file that is open for reading at any place. */
export interface RegularFile {
  /** When it was opened. */
  readonly size: number;
  /** Time of the last write: UTC, microseconds since the epoch. */
  readonly writtenUs: number;
  /** At most `length` bytes from `position` on; fewer where the file ends. */
  read(position: number, length: number): Promise<Buffer>;
}

/** Opens a file, if it is one, for the time of `use`; undefined: it is something else. */
export async function withRegularFile<T>(
  path: string,
  use: (file: RegularFile) => Promise<T>,
): Promise<T | undefined> {
  const handle = await open(path, FLAGS);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) return undefined;
    const { size, mtimeMs } = stats;
    const read = (position: number, length: number) =>
      readUpTo(handle, position, Math.min(length, size - position));
    return await use({ size, writtenUs: Math.round(mtimeMs * 1000), read });
  } finally {
    await handle.close();
  }
}

async function readUpTo(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(Math.max(0, length));
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, at, bytes.length - at, position + at);
    if (bytesRead === 0) return bytes.subarray(0, at); // it was cut meanwhile
    at += bytesRead;
  }
  return bytes;
}
