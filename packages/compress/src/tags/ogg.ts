// Ogg pages, RFC 3533: "OggS", version, flags, i64 granule position, u32 serial, sequence and CRC, then a count of
// segments and their lengths. A packet is so many segments of 255 bytes and one of fewer; it may span pages.

export const OGG_MAGIC = "OggS";
const PAGE_HEADER_BYTES = 27;
const CRC_OFFSET = 22;

/** Largest page: 255 segments of 255 bytes. */
export const MAX_PAGE_BYTES = PAGE_HEADER_BYTES + 255 + 255 * 255;

/** A page that lies whole in a buffer. */
export interface OggPage {
  /** Position behind the last sample that ends in this page; -1n: none does. */
  readonly granule: bigint;
  readonly serial: number;
  readonly end: number;
  /** Bytes of packets, and where a packet ends among them. */
  readonly body: Buffer;
  readonly packetEnds: readonly number[];
}

/** The page at `offset`; undefined if none lies there whole and with a correct checksum. */
export function parsePage(bytes: Buffer, offset: number): OggPage | undefined {
  if (offset + PAGE_HEADER_BYTES > bytes.byteLength) return undefined;
  if (bytes.toString("latin1", offset, offset + 4) !== OGG_MAGIC || bytes[offset + 4] !== 0) return undefined;
  const start = offset + PAGE_HEADER_BYTES + bytes[offset + 26];
  if (start > bytes.byteLength) return undefined;
  const lacing = bytes.subarray(offset + PAGE_HEADER_BYTES, start);
  const end = start + lacing.reduce((sum, length) => sum + length, 0);
  if (end > bytes.byteLength) return undefined;
  if (pageCrc(bytes.subarray(offset, end)) !== bytes.readUInt32LE(offset + CRC_OFFSET)) return undefined;
  return {
    granule: bytes.readBigInt64LE(offset + 6),
    serial: bytes.readUInt32LE(offset + 14),
    end,
    body: bytes.subarray(start, end),
    packetEnds: packetEnds(lacing),
  };
}

function packetEnds(lacing: Uint8Array): number[] {
  const ends: number[] = [];
  let position = 0;
  for (const length of lacing) {
    position += length;
    if (length < 255) ends.push(position);
  }
  return ends;
}

const CRC_POLYNOMIAL = 0x04c1_1db7;
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x8000_0000 ? CRC_POLYNOMIAL : 0);
  return crc >>> 0;
});

/** CRC-32 of a page, not reflected, with its own four bytes taken as zero. */
export function pageCrc(page: Uint8Array): number {
  let crc = 0;
  for (let i = 0; i < page.byteLength; i++) {
    const byte = i >= CRC_OFFSET && i < CRC_OFFSET + 4 ? 0 : page[i];
    crc = (crc << 8) ^ CRC_TABLE[(crc >>> 24) ^ byte];
  }
  return crc >>> 0;
}
