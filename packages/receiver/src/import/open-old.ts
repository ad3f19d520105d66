import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

// Neither followed nor waited for: a link may lead anywhere, the open of a pipe waits for its writer.
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Opens a file of the source for the time of `use`. */
export async function withOldFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, FLAGS);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

/** At most `length` bytes from `position` on; fewer where the file ends. */
export async function readUpTo(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(Math.max(0, length));
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, position + at);
    if (bytesRead === 0) return bytes.subarray(0, at);
    at += bytesRead;
  }
  return bytes;
}

/** Writes all of `bytes` behind what was written before. */
export async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten;
}
