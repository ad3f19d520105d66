// Sans-IO: the chunks before the audio, from the front of a file or a stream.
import { WavError } from "./errors.js";
import { MIN_FMT_BYTES, parseFmt, type SampleLayout } from "./fmt.js";
import { CHUNK_HEADER_BYTES, quoted, readFourCC, viewOf } from "./riff.js";

/** Where the audio of a WAV file lies and how to read it; see {@link SampleLayout}. */
export interface WavHeader extends SampleLayout {
  /** Position of the first byte of audio, at most 1 MiB. */
  readonly dataOffset: number;
  /**
   * Bytes of audio that the file claims; it may be cut shorter. `Infinity` when the size field says "unknown",
   * as streams do: 0xFFFFFFFF, or 0 in a file whose RIFF size has nothing after it either.
   */
  readonly dataBytes: number;
}

/** More than this before the audio is no header; it bounds what a caller of `parseWavHeader` ever buffers. */
const MAX_FRONT_BYTES = 1_048_576;

const RIFF_HEADER_BYTES = 12;
const DS64_BYTES = 16;
const UNKNOWN_32 = 0xffff_ffff;
const UNKNOWN_64 = 0xffff_ffff_ffff_ffffn;

interface FileSizes {
  /** RIFF size: the file but its first 8 bytes; `Infinity` if unknown. */
  readonly riff: number;
  /** The ds64 chunk's data size, which stands in for a 32-bit field of 0xFFFFFFFF. */
  readonly data: number;
}

/**
 * Reads the front of a WAV file: RIFF, or RF64/BW64 with `ds64` (EBU Tech 3306, ITU-R BS.2088); plain or
 * extensible `fmt `; any chunks before `data` are skipped.
 *
 * @param bytes the file's first bytes, as many as are there
 * @returns undefined if the audio does not begin within `bytes` and more are needed; never with 1 MiB or more
 * @throws WavError `not-wav`, `invalid-header`, `unsupported-encoding` or `header-too-large`
 */
export function parseWavHeader(bytes: Uint8Array): WavHeader | undefined {
  checkForm(bytes);
  if (bytes.byteLength < RIFF_HEADER_BYTES) return undefined;
  const view = viewOf(bytes);
  let sizes: FileSizes = { riff: known32(view.getUint32(4, true)), data: Infinity };
  let layout: SampleLayout | undefined;
  let offset = RIFF_HEADER_BYTES;
  while (offset + CHUNK_HEADER_BYTES <= bytes.byteLength) {
    const id = readFourCC(bytes, offset);
    const size = view.getUint32(offset + 4, true);
    const body = offset + CHUNK_HEADER_BYTES;
    if (id === "data")
      return { ...present(layout), dataOffset: body, dataBytes: dataBytes(size, body, sizes) };
    const next = body + size + (size & 1);
    checkFront(id, offset, size, next);
    if (body + size > bytes.byteLength) return undefined;
    if (id === "fmt ") {
      checkSize(id, size, MIN_FMT_BYTES);
      layout = parseFmt(view, body, size);
    } else if (id === "ds64") {
      checkSize(id, size, DS64_BYTES);
      sizes = parseDs64(view, body);
    }
    offset = next;
  }
  return undefined;
}

function checkForm(bytes: Uint8Array): void {
  if (bytes.byteLength < 4) return;
  const container = readFourCC(bytes, 0);
  if (container !== "RIFF" && container !== "RF64" && container !== "BW64") {
    throw new WavError(
      "not-wav",
      `not a WAV file: begins with ${quoted(container)}, not "RIFF", "RF64" or "BW64"`,
    );
  }
  if (bytes.byteLength < RIFF_HEADER_BYTES) return;
  const form = readFourCC(bytes, 8);
  if (form !== "WAVE")
    throw new WavError("not-wav", `not a WAV file: RIFF form is ${quoted(form)}, not "WAVE"`);
}

function checkFront(id: string, offset: number, size: number, next: number): void {
  if (next + CHUNK_HEADER_BYTES <= MAX_FRONT_BYTES) return;
  throw new WavError(
    "header-too-large",
    `chunk ${quoted(id)} at byte ${offset} is ${size} bytes; "data" must begin within the first ${MAX_FRONT_BYTES}`,
  );
}

function checkSize(id: string, size: number, min: number): void {
  if (size >= min) return;
  throw new WavError(
    "invalid-header",
    `invalid WAV header: chunk ${quoted(id)} is ${size} bytes, needs ${min}`,
  );
}

function present(layout: SampleLayout | undefined): SampleLayout {
  if (layout !== undefined) return layout;
  throw new WavError("invalid-header", 'invalid WAV header: no "fmt " chunk before "data"');
}

function parseDs64(view: DataView, body: number): FileSizes {
  return { riff: known64(view.getBigUint64(body, true)), data: known64(view.getBigUint64(body + 8, true)) };
}

function dataBytes(size: number, dataOffset: number, sizes: FileSizes): number {
  const claimed = size === UNKNOWN_32 ? sizes.data : size;
  if (claimed > 0) return claimed;
  // Empty for sure only if the file's own size puts other chunks after it
  return sizes.riff !== Infinity && sizes.riff + 8 > dataOffset ? 0 : Infinity;
}

function known32(size: number): number {
  return size === UNKNOWN_32 ? Infinity : size;
}

function known64(size: bigint): number {
  return size === UNKNOWN_64 ? Infinity : Number(size);
}
