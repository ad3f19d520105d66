// The front of a FLAC file, RFC 9639, section 8: "fLaC", then blocks of one byte type (its highest bit: the last
// block), u24 length, body; the first is STREAMINFO. Only the two blocks that are needed are read.
import { CompressError } from "../errors.js";
import type { AudioTags } from "./audio-tags.js";
import { type FileWindow, MAX_COMMENT_BYTES } from "./file-window.js";
import { findRecord } from "./vorbis-comment.js";

export const FLAC_MAGIC = "fLaC";

const BLOCK_HEADER_BYTES = 4;
const STREAMINFO = 0;
const STREAMINFO_BYTES = 34;
const VORBIS_COMMENT = 4;

/** A file of nothing but empty blocks must not keep its reader busy for ever. */
const MAX_BLOCKS = 128;

export async function readFlacTags(file: FileWindow): Promise<AudioTags> {
  const front = await file.read(0, FLAC_MAGIC.length + BLOCK_HEADER_BYTES + STREAMINFO_BYTES);
  const format = parseStreamInfo(front);
  if (format === undefined) throw new CompressError("invalid-audio", `${file.path}: FLAC without STREAMINFO`);
  return { ...format, metadata: await readComments(file) };
}

/** @param front the file's first 42 bytes; undefined if no STREAMINFO is in them */
export function parseStreamInfo(front: Buffer): Omit<AudioTags, "metadata"> | undefined {
  const body = FLAC_MAGIC.length + BLOCK_HEADER_BYTES;
  if (front.byteLength < body + STREAMINFO_BYTES || front.toString("latin1", 0, 4) !== FLAC_MAGIC)
    return undefined;
  if ((front[4] & 0x7f) !== STREAMINFO || front.readUIntBE(5, 3) !== STREAMINFO_BYTES) return undefined;
  const sampleRate = front.readUIntBE(body + 10, 3) >>> 4;
  const samples = (front[body + 13] & 0x0f) * 2 ** 32 + front.readUInt32BE(body + 14);
  if (sampleRate === 0) return undefined; // no audio
  return {
    format: "flac",
    sampleRate,
    channels: ((front[body + 12] >> 1) & 0x07) + 1,
    bitsPerSample: (((front[body + 12] & 0x01) << 4) | (front[body + 13] >> 4)) + 1,
    samples: samples === 0 ? undefined : samples,
  };
}

async function readComments(file: FileWindow): Promise<AudioTags["metadata"]> {
  let offset = FLAC_MAGIC.length;
  for (let i = 0; i < MAX_BLOCKS; i++) {
    const header = await file.read(offset, BLOCK_HEADER_BYTES);
    if (header.byteLength < BLOCK_HEADER_BYTES) return undefined;
    const length = header.readUIntBE(1, 3);
    const body = offset + BLOCK_HEADER_BYTES;
    if ((header[0] & 0x7f) === VORBIS_COMMENT) {
      return length <= MAX_COMMENT_BYTES ? findRecord(await file.read(body, length)) : undefined;
    }
    if (header[0] & 0x80) return undefined;
    offset = body + length;
  }
  return undefined;
}
