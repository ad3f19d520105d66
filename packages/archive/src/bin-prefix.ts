import type { FileHandle } from "node:fs/promises";
import {
  FRAME_HEADER_BYTES,
  HANDSHAKE_BYTES,
  MAX_MESSAGE_BYTES,
  readFrameHeader,
  startsHandshake,
} from "@audio/protocol";

// Holds any frame whole, wherever in it the read began.
const READ_BYTES = 2 * MAX_MESSAGE_BYTES;

/**
 * Length of the part of a `.bin` that is whole: an optional handshake, then frames back to back up to the first
 * one that is torn or is none. Reads the file once, in constant memory.
 */
export async function wholeFrameBytes(file: FileHandle): Promise<number> {
  const buffer = Buffer.alloc(READ_BYTES);
  let whole = await preambleBytes(file);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, READ_BYTES, whole);
    const frames = framesAtFront(buffer.subarray(0, bytesRead));
    if (frames === 0) return whole;
    whole += frames;
  }
}

async function preambleBytes(file: FileHandle): Promise<number> {
  const start = Buffer.alloc(HANDSHAKE_BYTES);
  const { bytesRead } = await file.read(start, 0, HANDSHAKE_BYTES, 0);
  return bytesRead === HANDSHAKE_BYTES && startsHandshake(start) ? HANDSHAKE_BYTES : 0;
}

function framesAtFront(bytes: Uint8Array): number {
  let at = 0;
  for (;;) {
    const header = readFrameHeader(bytes, at);
    if (header === undefined || at + FRAME_HEADER_BYTES + header.payloadBytes > bytes.length) return at;
    at += FRAME_HEADER_BYTES + header.payloadBytes;
  }
}
