// RIFF chunks (Microsoft/IBM "Multimedia Programming Interface and Data Specifications 1.0", 1991):
// four ASCII characters, u32 size, body, and a zero byte after an odd body that the size does not count.

export const CHUNK_HEADER_BYTES = 8;

/** The body of a chunk: `bytes[start, end)`. */
export interface Chunk {
  readonly id: string;
  readonly start: number;
  readonly end: number;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function readFourCC(bytes: Uint8Array, offset: number): string {
  return String.fromCharCode(bytes[offset], bytes[offset + 1], bytes[offset + 2], bytes[offset + 3]);
}

/** Writes text of ASCII characters only. */
export function writeAscii(target: Uint8Array, offset: number, text: string): void {
  for (let i = 0; i < text.length; i++) target[offset + i] = text.charCodeAt(i);
}

/** A four-character code from an untrusted file, safe to print. */
export function quoted(fourCC: string): string {
  const visible = fourCC.replace(/[^ -~]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return `"${visible}"`;
}

export function formatChunk(id: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const chunk = new Uint8Array(CHUNK_HEADER_BYTES + body.byteLength + (body.byteLength & 1));
  writeAscii(chunk, 0, id);
  viewOf(chunk).setUint32(4, body.byteLength, true);
  chunk.set(body, CHUNK_HEADER_BYTES);
  return chunk;
}

export function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.byteLength;
  }
  return whole;
}

/** The chunks that lie whole in `bytes[start, end)`, up to the first one that does not. */
export function* wholeChunks(bytes: Uint8Array, start: number, end: number): Generator<Chunk> {
  const view = viewOf(bytes);
  let offset = start;
  while (offset + CHUNK_HEADER_BYTES <= end) {
    const size = view.getUint32(offset + 4, true);
    const body = offset + CHUNK_HEADER_BYTES;
    if (body + size > end) return;
    yield { id: readFourCC(bytes, offset), start: body, end: body + size };
    offset = body + size + (size & 1);
  }
}
