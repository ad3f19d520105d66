// Vorbis comments, as FLAC (RFC 9639, 8.6) and Opus (RFC 7845, 5.2) carry them: u32 lengths, little-endian, each
// followed by so many bytes of UTF-8; vendor first, then a count, then NAME=text.
import { parseRecord, type RecordingMetadata } from "@audio/wav";

/** What ffmpeg calls `comment` is DESCRIPTION here; other tools write COMMENT. */
const COMMENT_NAMES = ["DESCRIPTION", "COMMENT"];

/** The first comment of `block` that describes a recording; undefined if none does, whatever the bytes. */
export function findRecord(block: Buffer): RecordingMetadata | undefined {
  for (const [name, text] of comments(block)) {
    const metadata = COMMENT_NAMES.includes(name.toUpperCase()) ? parseRecord(text) : undefined;
    if (metadata !== undefined) return metadata;
  }
  return undefined;
}

/** Name and text of each comment, up to the first that does not lie whole in `block`. */
function* comments(block: Buffer): Generator<readonly [name: string, text: string]> {
  const vendor = readText(block, 0);
  if (vendor === undefined || vendor.end + 4 > block.byteLength) return;
  const count = block.readUInt32LE(vendor.end);
  let offset = vendor.end + 4;
  for (let i = 0; i < count; i++) {
    const comment = readText(block, offset);
    if (comment === undefined) return;
    const text = block.toString("utf8", comment.start, comment.end);
    const equals = text.indexOf("=");
    if (equals > 0) yield [text.slice(0, equals), text.slice(equals + 1)];
    offset = comment.end;
  }
}

function readText(block: Buffer, offset: number): { start: number; end: number } | undefined {
  if (offset + 4 > block.byteLength) return undefined;
  const start = offset + 4;
  const end = start + block.readUInt32LE(offset);
  return end <= block.byteLength ? { start, end } : undefined;
}
