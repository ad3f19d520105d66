import { ProtocolError } from "./errors.js";

/** How a stream's audio is coded: 16-bit little-endian PCM, interleaved, or IMA ADPCM blocks. */
export type Codec = "pcm16" | "ima-adpcm";

/** The first message of a stream: what its frames hold. */
export interface Handshake {
  /** 0 … 2³²−1 */
  readonly streamId: number;
  /** 1 000 … 384 000 Hz */
  readonly sampleRate: number;
  /** 1 … 8; ADPCM: 1 or 2 */
  readonly channels: number;
  readonly codec: Codec;
  /** Samples per channel in a full frame, 1 … 65 535; stereo ADPCM: a multiple of 8 */
  readonly frameSamples: number;
  /** The sender's Unix time of the first sample in milliseconds, 0 … 2⁶⁴−1; 0 = unknown */
  readonly timestampMs: bigint;
}

/** A handshake message has exactly so many bytes. */
export const HANDSHAKE_BYTES = 32;

const MAGIC = 0x41445043;
const VERSION = 1;
const CODECS: readonly Codec[] = ["pcm16", "ima-adpcm"];
const MAX_TIMESTAMP = 2n ** 64n - 1n;

/** Whether `bytes` begin with the magic, version and header length of a version 1 handshake (first 8 bytes). */
export function startsHandshake(bytes: Uint8Array): boolean {
  if (bytes.length < 8) return false;
  const view = viewOf(bytes);
  return (
    view.getUint32(0, true) === MAGIC &&
    view.getUint16(4, true) === VERSION &&
    view.getUint16(6, true) === HANDSHAKE_BYTES
  );
}

/**
 * Reads a handshake message: exactly 32 bytes.
 * @throws ProtocolError `invalid-handshake`, naming the field, its value and what is allowed
 */
export function parseHandshake(bytes: Uint8Array): Handshake {
  if (bytes.length !== HANDSHAKE_BYTES)
    throw invalid(`message is ${bytes.length} bytes, not ${HANDSHAKE_BYTES}`);
  const view = viewOf(bytes);
  checkSignature(view);
  const codecNumber = view.getUint16(18, true);
  if (codecNumber >= CODECS.length) throw invalid(`codec ${codecNumber} is not 0 (PCM16) or 1 (IMA ADPCM)`);
  const handshake: Handshake = {
    streamId: view.getUint32(8, true),
    sampleRate: view.getUint32(12, true),
    channels: view.getUint16(16, true),
    codec: CODECS[codecNumber],
    frameSamples: view.getUint16(20, true),
    timestampMs: view.getBigUint64(24, true),
  };
  const fault = formatFault(handshake);
  if (fault !== undefined) throw invalid(fault);
  return handshake;
}

/**
 * Writes a handshake message of 32 bytes.
 * @throws RangeError for a value that a receiver would refuse
 */
export function formatHandshake(handshake: Handshake): Uint8Array<ArrayBuffer> {
  const { streamId, codec, timestampMs } = handshake;
  const fault =
    streamIdFault(streamId) ?? codecFault(codec) ?? timestampFault(timestampMs) ?? formatFault(handshake);
  if (fault !== undefined) throw new RangeError(`invalid handshake: ${fault}`);
  const bytes = new Uint8Array(HANDSHAKE_BYTES);
  const view = viewOf(bytes);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, VERSION, true);
  view.setUint16(6, HANDSHAKE_BYTES, true);
  view.setUint32(8, streamId, true);
  view.setUint32(12, handshake.sampleRate, true);
  view.setUint16(16, handshake.channels, true);
  view.setUint16(18, CODECS.indexOf(codec), true);
  view.setUint16(20, handshake.frameSamples, true);
  view.setBigUint64(24, timestampMs, true);
  return bytes;
}

function checkSignature(view: DataView): void {
  const magic = view.getUint32(0, true);
  const version = view.getUint16(4, true);
  const headerBytes = view.getUint16(6, true);
  if (magic !== MAGIC) throw invalid(`magic 0x${hex(magic)} is not 0x${hex(MAGIC)}`);
  if (version !== VERSION) throw invalid(`version ${version} is not ${VERSION}`);
  if (headerBytes !== HANDSHAKE_BYTES) throw invalid(`header_len ${headerBytes} is not ${HANDSHAKE_BYTES}`);
}

function formatFault({ sampleRate, channels, codec, frameSamples }: Handshake): string | undefined {
  const adpcm = codec === "ima-adpcm";
  if (!isWhole(sampleRate, 1000, 384_000)) return `sample_rate ${sampleRate} is not 1000 … 384000 Hz`;
  if (!isWhole(channels, 1, 8)) return `channels ${channels} is not 1 … 8`;
  if (adpcm && channels > 2) return `channels ${channels} is not 1 or 2, as IMA ADPCM needs`;
  if (!isWhole(frameSamples, 1, 65_535)) return `frame_samples ${frameSamples} is not 1 … 65535`;
  if (adpcm && channels === 2 && frameSamples % 8 !== 0) {
    return `frame_samples ${frameSamples} is not a multiple of 8, as stereo IMA ADPCM needs`;
  }
  return undefined;
}

function streamIdFault(streamId: number): string | undefined {
  return isWhole(streamId, 0, 0xffff_ffff) ? undefined : `stream_id ${streamId} is not 0 … 4294967295`;
}

function codecFault(codec: Codec): string | undefined {
  return CODECS.includes(codec) ? undefined : `codec ${codec} is not one of ${CODECS.join(", ")}`;
}

function timestampFault(timestampMs: bigint): string | undefined {
  return timestampMs >= 0n && timestampMs <= MAX_TIMESTAMP
    ? undefined
    : `timestamp_ms ${timestampMs} is not 0 … ${MAX_TIMESTAMP}`;
}

function isWhole(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high;
}

function invalid(fault: string): ProtocolError {
  return new ProtocolError("invalid-handshake", `invalid handshake: ${fault}`);
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
