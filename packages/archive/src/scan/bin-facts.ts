import {
  FRAME_HEADER_BYTES,
  type FrameHeader,
  framesLost,
  HANDSHAKE_BYTES,
  type Handshake,
  parseHandshake,
  payloadSampleFrames,
  readFrameHeader,
  startsHandshake,
} from "@audio/protocol";
import type { AudioFacts, Fault } from "./audio-facts.js";
import type { RegularFile } from "./regular-file.js";

// Segments of 10 s have 0.1 to 0.3 MB; a `.bin` of hours is measured by its beginning.
const MEASURED_BYTES = 16 * 1_048_576;
const READ_BYTES = 262_144;

/** What frames without a handshake in front of them are taken for. */
export interface BinFormat {
  /** Hz */
  readonly sampleRate: number;
  readonly channels: number;
}

/**
 * Reads what a `.bin` tells: the handshake at its front, if there is one, and the headers of its frames, of at most
 * 16 MiB. Frames that are lost by their numbers count, as far as a receiver would have filled them with silence.
 * @throws ProtocolError
 */
export async function binFacts(
  file: RegularFile,
  { sampleRate, channels }: BinFormat,
  fillMaxSeconds = 60,
): Promise<AudioFacts | Fault> {
  const front = await file.read(0, HANDSHAKE_BYTES);
  const handshake = startsHandshake(front) ? parseHandshake(front) : undefined;
  const start = handshake === undefined ? 0 : HANDSHAKE_BYTES;
  const format = handshake ?? { sampleRate, channels };
  const length = await measure(file, start, format, fillMaxSeconds * format.sampleRate);
  if (length.bytes === 0) return { fault: `no frame at byte ${start}` };
  const isAll = length.bytes < MEASURED_BYTES;
  const samples = isAll ? length.samples : Math.round((length.samples * (file.size - start)) / length.bytes);
  return {
    metadata: undefined,
    samples,
    sampleRate: format.sampleRate,
    channels: format.channels,
    bitsPerSample: 16,
    streamId: handshake?.streamId,
    writtenUs: file.writtenUs,
  };
}

type Format = Pick<Handshake, "sampleRate" | "channels"> & Partial<Handshake>;

interface Measured {
  samples: number;
  bytes: number;
  nextSeq: number | undefined;
}

async function measure(file: RegularFile, start: number, format: Format, mostLost: number) {
  const measured: Measured = { samples: 0, bytes: 0, nextSeq: undefined };
  while (measured.bytes < MEASURED_BYTES) {
    const chunk = await file.read(start + measured.bytes, READ_BYTES);
    const left = file.size - start - measured.bytes;
    if (addFrames(measured, chunk, left, format, mostLost) === 0) break;
  }
  return measured;
}

/** Adds the frames whose headers lie in `chunk`; returns how many. */
function addFrames(
  measured: Measured,
  chunk: Buffer,
  left: number,
  format: Format,
  mostLost: number,
): number {
  let frames = 0;
  for (let at = 0; ; frames++) {
    const header = readFrameHeader(chunk, at);
    const end = header === undefined ? 0 : at + FRAME_HEADER_BYTES + header.payloadBytes;
    if (header === undefined || end > left) return frames;
    addFrame(measured, header, format, mostLost);
    measured.bytes += end - at;
    at = end;
  }
}

function addFrame(measured: Measured, header: FrameHeader, format: Format, mostLost: number): void {
  const { codec, payloadBytes, seq } = header;
  const { channels, frameSamples = 65_535 } = format;
  const samples = Math.max(
    0,
    Math.floor(payloadSampleFrames(payloadBytes, { codec, channels, frameSamples })),
  );
  const lost = measured.nextSeq === undefined ? 0 : framesLost(measured.nextSeq, seq) * samples;
  measured.samples += samples + (lost <= mostLost ? lost : 0);
  measured.nextSeq = (seq + 1) >>> 0;
}
