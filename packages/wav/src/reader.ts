import { convertFloat32, convertFloat64 } from "./float.js";
import type { SampleLayout } from "./fmt.js";
import { FrameReader } from "./frame-reader.js";
import { convertALaw, convertMuLaw } from "./g711.js";
import { ImaBlockReader } from "./ima-block-reader.js";
import {
  convertSigned16,
  convertSigned24,
  convertSigned32,
  convertUnsigned8,
  type SampleConverter,
} from "./linear.js";
import type { WavHeader } from "./parse.js";

/** By encoding and bits per sample. */
const CONVERTERS: ReadonlyMap<string, SampleConverter> = new Map([
  ["pcm 8", convertUnsigned8],
  ["pcm 16", convertSigned16],
  ["pcm 24", convertSigned24],
  ["pcm 32", convertSigned32],
  ["float 32", convertFloat32],
  ["float 64", convertFloat64],
  ["alaw 8", convertALaw],
  ["mulaw 8", convertMuLaw],
]);

/**
 * Streaming conversion of a data chunk to interleaved signed 16-bit samples, whatever the cuts.
 *
 * - 8-bit PCM is unsigned; 24- and 32-bit PCM keep their upper 16 bits (arithmetic shift, no dither).
 * - Float: ±1.0 is full scale, rounded to the nearest, clamped; NaN is 0.
 * - A-law and µ-law: ITU-T G.711. IMA ADPCM: WAV blocks, mono or stereo; the last one may be short.
 *
 * Feed it the data chunk's bytes only: it does not stop at `header.dataBytes`. At the end
 * {@link PcmReader.bufferedBytes} tells whether the last sample frame was torn.
 */
export class PcmReader {
  readonly #reader: FrameReader | ImaBlockReader;

  /**
   * @param header as `parseWavHeader` returns it
   * @throws RangeError if its fields contradict each other
   */
  constructor(header: WavHeader) {
    this.#reader = header.encoding === "ima-adpcm" ? openBlocks(header) : openFrames(header);
  }

  /**
   * Takes the next bytes of audio and returns the samples that became whole: interleaved, a whole number of
   * sample frames, possibly none. The array is a view that the next `push` overwrites.
   *
   * @throws WavError `invalid-block` if an IMA ADPCM block's step index is over 88; the reader is then useless
   */
  push(bytes: Uint8Array): Int16Array<ArrayBuffer> {
    return this.#reader.push(bytes);
  }

  /** Bytes taken but not yet converted: less than a sample frame (IMA ADPCM: than a header or group). */
  get bufferedBytes(): number {
    return this.#reader.bufferedBytes;
  }
}

function openFrames(layout: SampleLayout): FrameReader {
  const { encoding, channels, bitsPerSample, blockAlign } = layout;
  const convert = CONVERTERS.get(`${encoding} ${bitsPerSample}`);
  if (convert === undefined || channels < 1 || blockAlign !== (channels * bitsPerSample) / 8) {
    throw new RangeError(
      `header says ${encoding}, ${channels} × ${bitsPerSample} bits in ${blockAlign} bytes; allowed is what parseWavHeader returns`,
    );
  }
  return new FrameReader(convert, channels, blockAlign);
}

function openBlocks(layout: SampleLayout): ImaBlockReader {
  const { channels, blockAlign, samplesPerBlock } = layout;
  if ((channels !== 1 && channels !== 2) || blockAlign < 4 * channels || samplesPerBlock === undefined) {
    throw new RangeError(
      `header says IMA ADPCM, ${channels} channels, blocks of ${blockAlign} bytes and ${samplesPerBlock} samples; allowed is what parseWavHeader returns`,
    );
  }
  return new ImaBlockReader(layout, channels, samplesPerBlock);
}
