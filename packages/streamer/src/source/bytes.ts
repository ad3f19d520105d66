import { type FileHandle, open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { reasonOf, StreamError } from "../errors.js";

/** Bytes in order, pulled: nothing is read that nobody asked for, so memory stays flat. */
export interface ByteSource {
  /** What to call it in messages: the path, `standard input`, … */
  readonly name: string;
  /** Size in bytes if it is known ahead. */
  readonly size?: number;
  /** The next bytes, or `undefined` at the end. The array may be overwritten by the next call. */
  read(): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}

/**
 * Opens a file to be read front to back in pieces of `chunkBytes`.
 *
 * @throws StreamError `input-unreadable`
 */
export async function openFile(path: string, chunkBytes: number): Promise<ByteSource> {
  const { handle, size } = await unreadableAs(path, () => openRegular(path));
  const chunk = Buffer.allocUnsafeSlow(chunkBytes);
  return {
    name: path,
    size,
    read: async () => {
      const { bytesRead } = await unreadableAs(path, () => handle.read(chunk, 0, chunkBytes));
      return bytesRead > 0 ? chunk.subarray(0, bytesRead) : undefined;
    },
    close: () => handle.close(),
  };
}

async function openRegular(path: string): Promise<{ handle: FileHandle; size: number | undefined }> {
  const handle = await open(path);
  const stats = await handle.stat();
  // A pipe (`<(…)`, mkfifo) can be read too; only its size is unknown.
  return { handle, size: stats.isFile() ? stats.size : undefined };
}

async function unreadableAs<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw new StreamError("input-unreadable", `cannot read ${path}: ${explain(error)}`, { cause: error });
  }
}

const EXPLANATIONS = new Map([
  ["ENOENT", "no such file"],
  ["EACCES", "permission denied"],
  ["EISDIR", "it is a directory"],
]);

function explain(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return EXPLANATIONS.get(code) ?? reasonOf(error);
}

/** A readable stream as a pulled source; its own buffer (64 KiB for a pipe) is the only one. */
export function readStream(stream: Readable, name: string): ByteSource {
  const chunks: AsyncIterator<Uint8Array> = stream[Symbol.asyncIterator]();
  return {
    name,
    read: async () => {
      try {
        const next = await chunks.next();
        return next.done ? undefined : next.value;
      } catch (error) {
        throw new StreamError("input-unreadable", `cannot read ${name}: ${reasonOf(error)}`, {
          cause: error,
        });
      }
    },
    close: async () => {
      stream.destroy();
    },
  };
}
