import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";

/** A form of a segment that cannot be read, and why; another one may do. */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
}

/** It is not there (any more). */
export class Missing extends Unreadable {}

// A named pipe would wait for ever, a link may lead anywhere.
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
const READ_BYTES = 64 * 1024;

/** Opens a regular file of the data directory; `undefined` if it is not there. The caller closes it. */
export async function openBelow(dataDir: string, name: string): Promise<FileHandle | undefined> {
  const file = await open(pathBelow(dataDir, name), FLAGS).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw new Unreadable(error.code === "ELOOP" ? "is a link" : error.message, { cause: error });
  });
  if (file === undefined || (await file.stat()).isFile()) return file;
  await file.close();
  throw new Unreadable("is no file");
}

/** The path of a name with `/` that must not lead out of the directory. */
export function pathBelow(dataDir: string, name: string): string {
  const parts = name.split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..") || name.includes("\0"))
    throw new Unreadable(`"${name}" is no path below the data directory`);
  return join(dataDir, ...parts);
}

/** Bytes `start … end` of a file, in chunks of 64 KiB, as far as they are there. */
export async function* bytesOf(file: FileHandle, start: number, end: number): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; ) {
    const chunk = Buffer.allocUnsafe(Math.min(READ_BYTES, end - at));
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) return;
    yield chunk.subarray(0, bytesRead);
    at += bytesRead;
  }
}
