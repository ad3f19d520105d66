import type { FileHandle } from "node:fs/promises";
import { parseWavHeader, type WavHeader } from "@audio/wav";
import { Unreadable } from "./local-file.js";
import type { PlayFormat } from "./plan.js";
import { CHUNK_BYTES, frameBytesOf, wholeUnits } from "./sample-frames.js";

// The audio begins within the first MiB, else `parseWavHeader` throws; in the files of the recorder at byte 44.
const FIRST_LOOK_BYTES = 4096;
const LARGEST_FRONT_BYTES = 1_048_576 + 8;
// An object up to this size is taken whole: one request instead of two. 10 s of 16 kHz are 320 kB.
const SMALL_OBJECT_BYTES = 1_048_576;

/** Sample frames `from … from + samples` of a file, as far as they are there. */
export interface SampleRange {
  readonly from: number;
  readonly samples: number;
}

/** Reads from a WAV by position: memory and time do not depend on where, nor on how long the file is. */
export async function* readWavFile(
  file: FileHandle,
  range: SampleRange,
  format: PlayFormat,
): AsyncGenerator<Uint8Array> {
  const frameBytes = frameBytesOf(format);
  const { dataOffset, dataBytes } = await headerOf(async (end) => {
    const front = Buffer.alloc(end);
    const { bytesRead } = await file.read(front, 0, end, 0);
    return front.subarray(0, bytesRead);
  }, format);
  const end = dataOffset + Math.min(dataBytes, (range.from + range.samples) * frameBytes);
  const step = CHUNK_BYTES - (CHUNK_BYTES % frameBytes);
  for (let at = dataOffset + range.from * frameBytes; at < end; ) {
    const chunk = Buffer.allocUnsafe(Math.min(step, end - at));
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
    const whole = bytesRead - (bytesRead % frameBytes);
    if (whole === 0) return;
    yield chunk.subarray(0, whole);
    at += whole;
  }
}

/** Bytes `start … end` of an object in a store. */
export type OpenRange = (
  start: number,
  end: number,
) => Promise<AsyncIterable<Uint8Array> | Iterable<Uint8Array>>;

/** Reads from a WAV in a store: its front, and the bytes that are asked for, nothing else. */
export async function* readRemoteWav(
  openRange: OpenRange,
  objectBytes: number,
  range: SampleRange,
  format: PlayFormat,
): AsyncGenerator<Uint8Array> {
  const whole = objectBytes <= SMALL_OBJECT_BYTES ? await collected(openRange, objectBytes) : undefined;
  const front = (end: number) => whole?.subarray(0, end) ?? collected(openRange, end);
  const { dataOffset, dataBytes } = await headerOf(async (end) => front(Math.min(end, objectBytes)), format);
  const unit = frameBytesOf(format);
  const start = dataOffset + range.from * unit;
  const end = Math.min(start + range.samples * unit, dataOffset + dataBytes, objectBytes);
  if (end <= start) return;
  const chunks = whole === undefined ? await openRange(start, end) : [whole.subarray(start, end)];
  yield* wholeUnits(chunks, { unit, skip: 0, limit: end - start });
}

async function collected(openRange: OpenRange, end: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of wholeUnits(await openRange(0, end), { unit: 1, skip: 0, limit: end }))
    chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function headerOf(
  front: (bytes: number) => Promise<Uint8Array>,
  format: PlayFormat,
): Promise<WavHeader> {
  for (let bytes = FIRST_LOOK_BYTES; ; bytes = LARGEST_FRONT_BYTES) {
    const found = await front(bytes);
    const header = parseWavHeader(found);
    if (header !== undefined) return checked(header, format);
    if (found.length < bytes || bytes === LARGEST_FRONT_BYTES)
      throw new Unreadable(`${found.length} bytes hold no whole WAV header`);
  }
}

function checked(header: WavHeader, format: PlayFormat): WavHeader {
  const { encoding, sampleRate, channels, bitsPerSample } = header;
  const isAsPlanned =
    encoding === "pcm" &&
    sampleRate === format.sampleRate &&
    channels === format.channels &&
    bitsPerSample === format.bitsPerSample;
  if (isAsPlanned) return header;
  throw new Unreadable(
    `holds ${encoding}, ${sampleRate} Hz, ${channels} × ${bitsPerSample} bits, planned is ${format.sampleRate} Hz, ${format.channels} × ${format.bitsPerSample} bits`,
  );
}
