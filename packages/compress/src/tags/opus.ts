// Ogg Opus, RFC 7845: the first page is the packet OpusHead, OpusTags begins on the second; granule positions count
// samples of 48 kHz and include the pre-skip.
import { CompressError } from "../errors.js";
import type { AudioTags } from "./audio-tags.js";
import { type FileWindow, MAX_COMMENT_BYTES } from "./file-window.js";
import { MAX_PAGE_BYTES, OGG_MAGIC, type OggPage, parsePage } from "./ogg.js";
import { findRecord } from "./vorbis-comment.js";

const OPUS_RATE = 48_000;
const HEAD_BYTES = 19;
const TAGS_MAGIC = "OpusTags";

/** Comments of 1 MiB take 17 full pages; a file of nothing but tiny ones must not keep its reader busy. */
const MAX_COMMENT_PAGES = 64;

export async function readOpusTags(file: FileWindow): Promise<AudioTags> {
  const first = await pageAt(file, 0);
  const head = first === undefined ? undefined : parseHead(first.body);
  if (first === undefined || head === undefined) {
    throw new CompressError("invalid-audio", `${file.path}: Ogg without OpusHead, only Opus is read`);
  }
  const granule = await lastGranule(file, first.serial);
  return {
    format: "opus",
    sampleRate: OPUS_RATE,
    channels: head.channels,
    bitsPerSample: undefined,
    samples: granule === undefined ? undefined : Math.max(0, granule - head.preSkip),
    metadata: await readComments(file, first),
  };
}

function parseHead(packet: Buffer): { channels: number; preSkip: number } | undefined {
  if (packet.byteLength < HEAD_BYTES || packet.toString("latin1", 0, 8) !== "OpusHead") return undefined;
  const [version, channels] = packet.subarray(8, 10);
  if (version >= 16 || channels === 0) return undefined; // a version with another high half is another format
  return { channels, preSkip: packet.readUInt16LE(10) };
}

async function pageAt(file: FileWindow, offset: number): Promise<OggPage | undefined> {
  return parsePage(await file.read(offset, MAX_PAGE_BYTES), 0);
}

async function readComments(file: FileWindow, first: OggPage): Promise<AudioTags["metadata"]> {
  const parts: Buffer[] = [];
  let bytes = 0;
  let offset = first.end;
  for (let i = 0; i < MAX_COMMENT_PAGES && bytes <= MAX_COMMENT_BYTES; i++) {
    const page = await pageAt(file, offset);
    if (page === undefined || page.serial !== first.serial) return undefined;
    const [end] = page.packetEnds;
    parts.push(page.body.subarray(0, end));
    if (end !== undefined) return recordOf(Buffer.concat(parts));
    bytes += page.body.byteLength;
    offset += page.end;
  }
  return undefined;
}

function recordOf(packet: Buffer): AudioTags["metadata"] {
  if (packet.toString("latin1", 0, TAGS_MAGIC.length) !== TAGS_MAGIC) return undefined;
  return findRecord(packet.subarray(TAGS_MAGIC.length));
}

/** The end of a file cut in the middle of a page still holds the whole page before that. */
const TAIL_BYTES = 2 * MAX_PAGE_BYTES;

/** Each costs a checksum of up to 65 kB; in a file that nobody has forged the first or second is the page. */
const MAX_CANDIDATES = 64;

async function lastGranule(file: FileWindow, serial: number): Promise<number | undefined> {
  const tail = await file.read(Math.max(0, file.size - TAIL_BYTES), TAIL_BYTES);
  let at = tail.byteLength;
  for (let i = 0; i < MAX_CANDIDATES && at > 0; i++) {
    at = tail.lastIndexOf(OGG_MAGIC, at - 1);
    if (at < 0) return undefined;
    const page = parsePage(tail, at);
    if (page?.serial === serial && page.granule > 0n && page.granule <= Number.MAX_SAFE_INTEGER) {
      return Number(page.granule);
    }
  }
  return undefined;
}
