import { parseWavHeader } from "@audio/wav";

export interface Samples {
  /** Hz */
  readonly sampleRate: number;
  /** All channels as one, −1 … 1. */
  readonly mono: Float32Array<ArrayBuffer>;
}

/**
 * The samples of a WAV with integer PCM, as /audio sends them. Not decodeAudioData: that changes the rate to the sound
 * card's, and with it what the spectrum can show.
 * @throws WavError, RangeError for what is no such WAV
 */
export function samplesOf(wav: ArrayBuffer): Samples {
  const header = parseWavHeader(new Uint8Array(wav));
  if (header === undefined) throw new RangeError(`${wav.byteLength} bytes hold no whole WAV header`);
  const { sampleRate, channels, bitsPerSample, dataOffset, dataBytes } = header;
  const read = READERS[bitsPerSample];
  if (read === undefined) throw new RangeError(`samples of ${bitsPerSample} bits are not 16, 24 or 32`);
  const view = new DataView(wav, dataOffset);
  const bytes = bitsPerSample / 8;
  const frames = Math.floor(Math.min(dataBytes, view.byteLength) / (bytes * channels));
  const mono = new Float32Array(frames);
  for (let frame = 0, at = 0; frame < frames; frame++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++, at += bytes) sum += read(view, at);
    mono[frame] = sum / channels;
  }
  return { sampleRate, mono };
}

const READERS: Readonly<Record<number, (view: DataView, at: number) => number>> = {
  16: (view, at) => view.getInt16(at, true) / 2 ** 15,
  24: (view, at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 2 ** 16) / 2 ** 23,
  32: (view, at) => view.getInt32(at, true) / 2 ** 31,
};
