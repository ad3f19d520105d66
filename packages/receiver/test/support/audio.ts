import { blockBytes, encodeBlock, initialStates, type NibbleOrder } from "@audio/ima-adpcm";
import { FRAME_HEADER_BYTES, formatFrame, formatHandshake, type Handshake } from "@audio/protocol";
import { formatWavHeader } from "@audio/wav";

/** Interleaved s16le tones with a little noise: every seed gives other samples, every run the same. */
export function tones(sampleFrames: number, { channels = 1, sampleRate = 16_000, seed = 1 } = {}): Buffer {
  const bytes = Buffer.alloc(sampleFrames * channels * 2);
  let noise = seed;
  for (let index = 0; index < sampleFrames * channels; index++) {
    noise = (Math.imul(noise, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    const seconds = Math.floor(index / channels) / sampleRate;
    const tone = Math.sin(2 * Math.PI * (300 + 40 * (seed % 20) + 110 * (index % channels)) * seconds);
    bytes.writeInt16LE(Math.round(tone * 12_000 + ((noise >> 16) % 400)), index * 2);
  }
  return bytes;
}

/** Bytes that are all different from their neighbours: a lost or doubled byte shows. */
export function noiseBytes(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

/** The samples of s16le bytes. */
function samplesOf(bytes: Uint8Array): Int16Array {
  const copy = new Uint8Array(bytes);
  return new Int16Array(copy.buffer);
}

/** A handshake message: mono PCM at 16 kHz in frames of 20 ms, unless told otherwise. */
export function handshake(fields: Partial<Handshake> = {}): Uint8Array {
  return formatHandshake({
    streamId: 7,
    sampleRate: 16_000,
    channels: 1,
    codec: "pcm16",
    frameSamples: 320,
    timestampMs: 0n,
    ...fields,
  });
}

/** The same bytes with an unsigned number of `size` bytes put at `offset`. */
export function patched(bytes: Uint8Array, offset: number, size: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUIntLE(value, offset, size);
  return copy;
}

export interface Cutting {
  readonly frameSamples: number;
  readonly channels?: number;
  readonly firstSeq?: number;
}

/** s16le audio as PCM frame messages; the last one may be short. */
export function pcmFrames(
  audio: Uint8Array,
  { frameSamples, channels = 1, firstSeq = 0 }: Cutting,
): Uint8Array[] {
  const payloadBytes = frameSamples * channels * 2;
  const count = Math.ceil(audio.length / payloadBytes);
  return Array.from({ length: count }, (_, i) =>
    formatFrame("pcm16", firstSeq + i, audio.subarray(i * payloadBytes, (i + 1) * payloadBytes)),
  );
}

export interface Coding extends Cutting {
  readonly order?: NibbleOrder;
  /** The coder starts anew with every frame, as some firmware does. */
  readonly resetState?: boolean;
}

/** s16le audio as ADPCM frame messages, the coder's state carried from one to the next. */
export function adpcmFrames(audio: Uint8Array, coding: Coding): Uint8Array[] {
  const { frameSamples, firstSeq = 0, order = "low", resetState = false } = coding;
  const channels = (coding.channels ?? 1) as 1 | 2;
  const samples = samplesOf(audio);
  let states = initialStates(channels);
  const frames: Uint8Array[] = [];
  for (let start = 0; start < samples.length; start += frameSamples * channels) {
    const count = Math.min(frameSamples, (samples.length - start) / channels);
    const block = new Uint8Array(blockBytes(count, channels));
    if (resetState) states = initialStates(channels);
    encodeBlock(samples, start, count, channels, states, block, 0, order);
    frames.push(formatFrame("ima-adpcm", firstSeq + frames.length, block));
  }
  return frames;
}

/** The payloads of frame messages. */
export function payloadsOf(frames: readonly Uint8Array[]): Uint8Array[] {
  return frames.map((frame) => frame.subarray(FRAME_HEADER_BYTES));
}

/** Cuts `bytes` at the given places; places beyond the end and doubled ones do not matter. */
export function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...sorted, bytes.length].map((place, i) => bytes.subarray(i === 0 ? 0 : sorted[i - 1], place));
}

/** A WAV file of s16le audio. */
export function wavFile(audio: Uint8Array, { channels = 1, sampleRate = 16_000 } = {}): Buffer {
  return Buffer.concat([formatWavHeader({ sampleRate, channels, bitsPerSample: 16 }, audio.length), audio]);
}
