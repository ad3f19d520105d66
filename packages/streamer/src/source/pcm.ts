import { PcmReader, type WavHeader } from "@audio/wav";
import { reasonOf, StreamError } from "../errors.js";
import type { ByteSource } from "./bytes.js";

/** Interleaved 16-bit audio, pulled piece by piece. Implement it to stream samples of your own. */
export interface PcmSource {
  /** What to call it in messages. */
  readonly name: string;
  /** In Hz. */
  readonly sampleRate: number;
  readonly channels: number;
  /** Samples per channel in all, if known ahead. */
  readonly sampleFrames?: number;
  /** The audio happens now: what is not read in time is gone. Default `false`. */
  readonly live?: boolean;
  /** The next samples, a whole number of sample frames; `undefined` at the end. The array may be overwritten by the next call. */
  read(): Promise<Int16Array | undefined>;
  /** Frees what the source holds; a `read` under way may reject. */
  close(): Promise<void>;
}

/** Layout of audio without a header: s16le, interleaved. */
export interface RawFormat {
  /** In Hz. */
  readonly sampleRate: number;
  readonly channels: number;
}

/** Interleaved s16le bytes without a header, cut anywhere. A torn sample frame at the end is left out. */
export function rawPcm(bytes: ByteSource, format: RawFormat): PcmSource {
  const blockAlign = format.channels * 2;
  const header: WavHeader = {
    encoding: "pcm",
    sampleRate: format.sampleRate,
    channels: format.channels,
    bitsPerSample: 16,
    blockAlign,
    dataOffset: 0,
    dataBytes: Number.POSITIVE_INFINITY,
  };
  return decode(bytes, header, undefined);
}

/** Decodes the data chunk that `header` describes; `first` are its bytes that were read along with the header. */
export function decode(bytes: ByteSource, header: WavHeader, first: Uint8Array | undefined): PcmSource {
  const reader = new PcmReader(header);
  let ahead = first;
  let left = header.dataBytes;
  const next = async (): Promise<Int16Array | undefined> => {
    const chunk = left > 0 ? (ahead ?? (await bytes.read())) : undefined;
    ahead = undefined;
    if (chunk === undefined) return undefined;
    const audio = chunk.length > left ? chunk.subarray(0, left) : chunk;
    left -= audio.length;
    return convert(reader, audio, bytes.name);
  };
  return {
    name: bytes.name,
    sampleRate: header.sampleRate,
    channels: header.channels,
    sampleFrames: countSampleFrames(bytes, header),
    read: next,
    close: () => bytes.close(),
  };
}

function convert(reader: PcmReader, audio: Uint8Array, name: string): Int16Array {
  try {
    return reader.push(audio);
  } catch (error) {
    throw new StreamError("input-unreadable", `cannot read ${name}: ${reasonOf(error)}`, { cause: error });
  }
}

function countSampleFrames(bytes: ByteSource, header: WavHeader): number | undefined {
  const present =
    bytes.size === undefined ? Number.POSITIVE_INFINITY : Math.max(0, bytes.size - header.dataOffset);
  const audioBytes = Math.min(header.dataBytes, present);
  if (audioBytes === Number.POSITIVE_INFINITY) return undefined;
  return Math.floor(audioBytes / header.blockAlign) * (header.samplesPerBlock ?? 1);
}
