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

/** The part of a `.bin` that is whole. */
export interface WholeFrames {
  /** Its length, an optional handshake included. */
  readonly bytes: number;
  readonly frames: number;
  /** What follows is nothing, or the beginning of a frame. */
  readonly endsTorn: boolean;
}

/**
 * Finds the part of a `.bin` that is whole: an optional handshake, then frames back to back up to the first one
 * that is torn or is none. Reads the file once, in constant memory.
 */
export function readWholeFrames(file: FileHandle): Promise<WholeFrames> {
  return readFrames(file, () => true);
}

/**
 * Cuts a `.bin` in front of its first frame that `nextSeq` or a later sequence number has, or that is not whole.
 * Numbers count modulo 2³²: what is less than half the range ahead is later.
 */
export async function cutFramesFrom(file: FileHandle, nextSeq: number): Promise<void> {
  const { bytes } = await readFrames(file, (seq) => ((seq - nextSeq) | 0) < 0);
  await file.truncate(bytes);
}

async function readFrames(file: FileHandle, isWanted: (seq: number) => boolean): Promise<WholeFrames> {
  const buffer = Buffer.alloc(READ_BYTES);
  let frames = 0;
  let whole = await preambleBytes(file);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, READ_BYTES, whole);
    const found = framesAtFront(buffer.subarray(0, bytesRead), isWanted);
    if (found.frames === 0) return { bytes: whole, frames, endsTorn: isTornFrame(buffer, bytesRead) };
    frames += found.frames;
    whole += found.bytes;
  }
}

function isTornFrame(bytes: Uint8Array, length: number): boolean {
  return length < FRAME_HEADER_BYTES || readFrameHeader(bytes, 0) !== undefined;
}

async function preambleBytes(file: FileHandle): Promise<number> {
  const start = Buffer.alloc(HANDSHAKE_BYTES);
  const { bytesRead } = await file.read(start, 0, HANDSHAKE_BYTES, 0);
  return bytesRead === HANDSHAKE_BYTES && startsHandshake(start) ? HANDSHAKE_BYTES : 0;
}

function framesAtFront(
  bytes: Uint8Array,
  isWanted: (seq: number) => boolean,
): { frames: number; bytes: number } {
  for (let frames = 0, at = 0; ; frames++) {
    const header = readFrameHeader(bytes, at);
    if (header === undefined || !isWanted(header.seq)) return { frames, bytes: at };
    const end = at + FRAME_HEADER_BYTES + header.payloadBytes;
    if (end > bytes.length) return { frames, bytes: at };
    at = end;
  }
}
