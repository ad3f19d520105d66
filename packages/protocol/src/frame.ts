import { ProtocolError } from "./errors.js";
import type { Codec, Handshake } from "./handshake.js";

/** What a frame must agree with. */
export type StreamFormat = Pick<Handshake, "codec" | "channels" | "frameSamples">;

/** Magic, payload length and sequence number in front of every payload. */
export const FRAME_HEADER_BYTES = 12;

/** No message of this protocol is larger. */
export const MAX_MESSAGE_BYTES = 1_048_576;

const ADPCM_MAGIC = 0x41445046;
const PCM_MAGIC = 0x464d4350;
// Predictor, step index, reserved byte.
const BLOCK_HEADER_BYTES = 4;
const MAX_STEP_INDEX = 88;
// Senders that round a block up to whole words stay legal.
const ADPCM_SLACK_BYTES = 16;
// Stereo ADPCM: 8 samples left, then 8 right, as in a WAV block.
const STEREO_GROUP_BYTES = 8;

/** Bytes of the largest legal frame message, header included; at most `MAX_MESSAGE_BYTES` for a legal handshake. */
export function maxFrameBytes({ codec, channels, frameSamples }: StreamFormat): number {
  if (codec === "pcm16") return FRAME_HEADER_BYTES + frameSamples * channels * 2;
  return (
    FRAME_HEADER_BYTES + channels * (BLOCK_HEADER_BYTES + Math.ceil(frameSamples / 2) + ADPCM_SLACK_BYTES)
  );
}

/**
 * Checks the frame message in bytes[start, end) and gives its sequence number, 0 … 2³²−1. Allocates nothing for a good frame.
 * @param index number of the frame in its stream, for the error
 * @throws ProtocolError `invalid-frame`
 */
export function checkFrame(
  bytes: Uint8Array,
  start: number,
  end: number,
  format: StreamFormat,
  index: number,
): number {
  const payloadBytes = end - start - FRAME_HEADER_BYTES;
  if (payloadBytes < 0) {
    throw invalid(
      index,
      `message is ${end - start} bytes, shorter than its ${FRAME_HEADER_BYTES}-byte header`,
    );
  }
  const magic = readU32(bytes, start);
  const expected = frameMagic(format.codec);
  if (magic !== expected)
    throw invalid(
      index,
      `magic 0x${hex(magic)} is not 0x${hex(expected)}, which the handshake's codec needs`,
    );
  const length = readU32(bytes, start + 4);
  if (length !== payloadBytes)
    throw invalid(index, `length field says ${length} bytes, but the payload is ${payloadBytes}`);
  if (format.codec === "pcm16") checkPcm(payloadBytes, format, index);
  else checkAdpcm(bytes, start + FRAME_HEADER_BYTES, payloadBytes, format, index);
  return readU32(bytes, start + 8);
}

/**
 * Sample frames that a decoder yields from a payload of a checked frame: 1 … `frameSamples`. ADPCM: two samples a
 * data byte, so whatever pads a short frame to whole bytes (mono) or groups of 8 bytes (stereo) is counted too.
 */
export function payloadSampleFrames(
  payloadBytes: number,
  { codec, channels, frameSamples }: StreamFormat,
): number {
  if (codec === "pcm16") return payloadBytes / (channels * 2);
  return Math.min(frameSamples, ((payloadBytes - channels * BLOCK_HEADER_BYTES) * 2) / channels);
}

/**
 * Writes the 12 bytes in front of a payload to target[offset…], which must have room for them.
 * @param payloadBytes 0 … 2³²−1
 * @param seq taken modulo 2³²
 */
export function writeFrameHeader(
  target: Uint8Array,
  offset: number,
  codec: Codec,
  payloadBytes: number,
  seq: number,
): void {
  writeU32(target, offset, frameMagic(codec));
  writeU32(target, offset + 4, payloadBytes);
  writeU32(target, offset + 8, seq);
}

/**
 * A frame message: header and a copy of the payload, which is not looked at: `checkFrame` does that.
 * @param seq taken modulo 2³²
 */
export function formatFrame(codec: Codec, seq: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
  writeFrameHeader(message, 0, codec, payload.length, seq);
  message.set(payload, FRAME_HEADER_BYTES);
  return message;
}

/** A frame's header, wherever frames stand back to back. */
export interface FrameHeader {
  readonly codec: Codec;
  readonly payloadBytes: number;
  readonly seq: number;
}

/**
 * Reads the header at bytes[offset…], without a format to hold it against; undefined if it is not all there, has
 * another magic, or a length over `MAX_MESSAGE_BYTES`.
 */
export function readFrameHeader(bytes: Uint8Array, offset: number): FrameHeader | undefined {
  if (offset + FRAME_HEADER_BYTES > bytes.length) return undefined;
  const magic = readU32(bytes, offset);
  const payloadBytes = readU32(bytes, offset + 4);
  if ((magic !== PCM_MAGIC && magic !== ADPCM_MAGIC) || payloadBytes > MAX_MESSAGE_BYTES - FRAME_HEADER_BYTES)
    return undefined;
  return {
    codec: magic === PCM_MAGIC ? "pcm16" : "ima-adpcm",
    payloadBytes,
    seq: readU32(bytes, offset + 8),
  };
}

function checkPcm(payloadBytes: number, { channels, frameSamples }: StreamFormat, index: number): void {
  const sampleFrameBytes = channels * 2;
  if (payloadBytes === 0) throw invalid(index, "payload is empty, at least one sample frame is needed");
  if (payloadBytes % sampleFrameBytes !== 0) {
    throw invalid(
      index,
      `payload is ${payloadBytes} bytes, not a whole number of ${sampleFrameBytes}-byte sample frames`,
    );
  }
  if (payloadBytes > frameSamples * sampleFrameBytes) {
    throw invalid(
      index,
      `payload is ${payloadBytes} bytes, at most ${frameSamples * sampleFrameBytes} are allowed (frame_samples ${frameSamples})`,
    );
  }
}

function checkAdpcm(
  bytes: Uint8Array,
  at: number,
  payloadBytes: number,
  format: StreamFormat,
  index: number,
): void {
  const { channels, frameSamples } = format;
  const unit = channels === 2 ? STEREO_GROUP_BYTES : 1;
  const dataBytes = payloadBytes - channels * BLOCK_HEADER_BYTES;
  const most = channels * (Math.ceil(frameSamples / 2) + ADPCM_SLACK_BYTES);
  if (dataBytes < unit)
    throw invalid(
      index,
      `payload is ${payloadBytes} bytes, at least ${payloadBytes - dataBytes + unit} are needed`,
    );
  if (dataBytes > most) {
    throw invalid(
      index,
      `payload is ${payloadBytes} bytes, at most ${payloadBytes - dataBytes + most} are allowed (frame_samples ${frameSamples})`,
    );
  }
  if (dataBytes % unit !== 0)
    throw invalid(
      index,
      `payload has ${dataBytes} bytes of data, not a whole number of ${unit}-byte stereo groups`,
    );
  for (let channel = 0; channel < channels; channel++) {
    const stepIndex = bytes[at + channel * BLOCK_HEADER_BYTES + 2];
    if (stepIndex > MAX_STEP_INDEX)
      throw invalid(index, `step index ${stepIndex} is not 0 … ${MAX_STEP_INDEX}`);
  }
}

function invalid(index: number, fault: string): ProtocolError {
  return new ProtocolError("invalid-frame", `frame ${index}: ${fault}`);
}

/** The magic of a codec's frames. */
export function frameMagic(codec: Codec): number {
  return codec === "pcm16" ? PCM_MAGIC : ADPCM_MAGIC;
}

/** The little-endian number at bytes[at, at + 4), which must be there. */
export function readU32(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
