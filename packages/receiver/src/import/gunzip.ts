import { type FileHandle, open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGunzip, gunzipSync, constants as zlib } from "node:zlib";
import { ReceiverError } from "../errors.js";
import { readUpTo, withOldFile, writeAll } from "./open-old.js";
import type { OldFile } from "./walk.js";

const HEAD_BYTES = 65_536;
// Deflate makes a byte of 1032 at most (zlib's own figure): more than that no file can hold.
const MOST_TIMES = 1032;

/** The first bytes in a gzip file, and how many it says there are (RFC 1952: the last four bytes, modulo 2³²). */
export function gunzipHead(file: OldFile): Promise<{ head: Buffer; size: number }> {
  return withOldFile(file.path, async (handle) => {
    const packed = await readUpTo(handle, 0, HEAD_BYTES);
    const trailer = await readUpTo(handle, Math.max(0, file.bytes - 4), 4);
    const size = trailer.length === 4 ? trailer.readUInt32LE(0) : 0;
    if (size > file.bytes * MOST_TIMES) throw damaged(`says that ${size} bytes are in it`);
    // Unpacks what is there of a stream that goes on.
    const head = gunzipSync(packed, {
      finishFlush: zlib.Z_SYNC_FLUSH,
      maxOutputLength: HEAD_BYTES * MOST_TIMES,
    });
    return { head, size };
  });
}

/** Unpacks a gzip file to `target`, which must not exist; never more than `size` bytes. */
export async function gunzipTo(
  file: OldFile,
  target: string,
  size: number,
  signal: AbortSignal,
): Promise<void> {
  const output = await open(target, "wx");
  try {
    await withOldFile(file.path, (input) => unpack(input, output, size, signal));
  } finally {
    await output.close();
  }
}

async function unpack(
  input: FileHandle,
  output: FileHandle,
  size: number,
  signal: AbortSignal,
): Promise<void> {
  let written = 0;
  const write = async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      written += chunk.length;
      if (written > size) throw damaged(`holds more than the ${size} bytes that it says`);
      await writeAll(output, chunk);
    }
  };
  await pipeline(input.createReadStream({ autoClose: false, start: 0 }), createGunzip(), write, { signal });
  if (written !== size) throw damaged(`holds ${written} bytes, not the ${size} that it says`);
}

function damaged(message: string): ReceiverError {
  return new ReceiverError("import-failed", message);
}
