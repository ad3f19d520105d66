import { type Levels, type PcmShape, SILENCE_DBFS } from "../../src/index.js";

/** Interleaved samples, or `undefined` where silence was put in place of what is missing. */
export interface Audio extends PcmShape {
  readonly bitsPerSample: 16 | 24 | 32;
  readonly samples: readonly (number | undefined)[];
}

/** Little-endian bytes, beginning `shift` bytes into their buffer. */
export function toBytes(audio: Pick<Audio, "bitsPerSample" | "samples">, shift = 0): Uint8Array {
  const width = audio.bitsPerSample / 8;
  const bytes = new Uint8Array(new ArrayBuffer(shift + audio.samples.length * width), shift);
  for (const [i, sample] of audio.samples.entries()) {
    for (let k = 0; k < width; k++) bytes[i * width + k] = Math.floor((sample ?? 0) / 256 ** k) & 255;
  }
  return bytes;
}

/** By the definition: every sample a fraction of full scale, a second at a time. */
export function naiveLevels(audio: Audio): Levels {
  const seconds = secondsOf(audio);
  return {
    peakDbfs: seconds.map((second) => dbfs(peak(second.flat()))),
    rmsDbfs: seconds.map((second) => dbfs(rms(second.flat().map((sample) => sample ?? 0)))),
    clippedSamples: audio.samples.filter((sample) => sample !== undefined && isClipped(sample, audio)).length,
    flatSeconds: seconds.filter((second) => isFlat(second, audio.sampleRate)).length,
    track: Uint8Array.from([1, ...seconds.flatMap((second) => record(second, audio.sampleRate))]),
  };
}

type Frame = (number | undefined)[];

/** Sample frames, as fractions of full scale. */
function secondsOf({ sampleRate, channels, bitsPerSample, samples }: Audio): Frame[][] {
  const fractions = samples.map((sample) =>
    sample === undefined ? undefined : sample / 2 ** (bitsPerSample - 1),
  );
  const frames = cut(fractions, channels);
  return cut(frames, sampleRate);
}

function cut<T>(all: T[], length: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / length) }, (_, i) =>
    all.slice(i * length, (i + 1) * length),
  );
}

function record(second: Frame[], sampleRate: number): number[] {
  const windows: Frame[][] = [];
  for (const [i, frame] of second.entries()) {
    const window = Math.floor((i * 10) / sampleRate);
    windows[window] = [...(windows[window] ?? []), frame];
  }
  // Below 10 Hz a sample frame takes more than a window
  const over = Array.from({ length: 10 }, (_, i) => ((i + 1) * sampleRate) / 10).filter(
    (end) => end <= second.length,
  );
  windows.length = Math.max(windows.length, over.length);
  const received = second.flat().filter((sample) => sample !== undefined);
  const peaks = Array.from(windows, (window) => {
    const heard = (window ?? []).flat().filter((sample) => sample !== undefined);
    return heard.length === 0 ? 255 : halfDecibels(peak(heard));
  });
  return [received.length === 0 ? 255 : halfDecibels(rms(received)), ...peaks];
}

function isFlat(second: Frame[], sampleRate: number): boolean {
  const received = second.filter((frame) => frame.every((sample) => sample !== undefined));
  if (second.length < sampleRate || received.length * 2 < sampleRate) return false;
  return received.every((frame) => frame.every((sample, channel) => sample === received[0][channel]));
}

function isClipped(sample: number, { bitsPerSample }: Audio): boolean {
  return Math.abs(sample) >= 32_767 * 2 ** (bitsPerSample - 16);
}

function peak(fractions: Frame): number {
  return Math.max(...fractions.map((sample) => Math.abs(sample ?? 0)));
}

function rms(fractions: number[]): number {
  return Math.sqrt(fractions.reduce((sum, x) => sum + x * x, 0) / fractions.length);
}

function dbfs(value: number): number {
  return value === 0 ? SILENCE_DBFS : Math.max(SILENCE_DBFS, 20 * Math.log10(value));
}

function halfDecibels(value: number): number {
  return Math.round((dbfs(value) + 120) * 2);
}
