import type { FileSystem } from "./file-system.js";

// Linux takes 1024 buffers a writev.
const BUFFERS_AT_ONCE = 512;

/**
 * Writes all of `buffers` back to back at `position`, however little the disk takes at a time.
 * @returns bytes written: their sum
 */
export async function writeAll(
  fs: FileSystem,
  fd: number,
  buffers: readonly Uint8Array[],
  position: number,
): Promise<number> {
  let rest = buffers.filter(({ length }) => length > 0);
  let written = 0;
  while (rest.length > 0) {
    const step = await writeSome(fs, fd, rest.slice(0, BUFFERS_AT_ONCE), position + written);
    written += step;
    rest = without(rest, step);
  }
  return written;
}

function writeSome(fs: FileSystem, fd: number, buffers: Uint8Array[], position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.writev(fd, buffers, position, (error, written) => (error === null ? resolve(written) : reject(error)));
  });
}

function without(buffers: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let left = bytes;
  const first = buffers.findIndex(({ length }) => {
    if (left < length) return true;
    left -= length;
    return false;
  });
  if (first < 0) return [];
  return [buffers[first].subarray(left), ...buffers.slice(first + 1)];
}
