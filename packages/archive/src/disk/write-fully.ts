import type { FileHandle } from "node:fs/promises";

/** Writes all of `bytes` at `position`. A disk that fills up takes a part, and refuses only what comes next. */
export async function writeFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at);
    at += bytesWritten;
  }
}
