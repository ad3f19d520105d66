// Programs that we did not write read what we encode.
import { describe, expect, it } from "vitest";
import wavefile from "wavefile";
import { interleave } from "./support/codec.js";
import { aiffcFile, wavFile } from "./support/containers.js";
import { firstDifference } from "./support/difference.js";
import { decodeWithFfmpeg } from "./support/ffmpeg.js";
import { SIGNALS } from "./support/vectors.js";

const SAMPLE_RATE = 16_000;

/** The signals in mono, and in pairs in stereo. */
const recordings = SIGNALS.flatMap(({ name, samples }, index) => {
  const mono = { name, channels: 1 as const, pcm: samples };
  if (index % 2 === 0) return [mono];
  const before = SIGNALS[index - 1];
  const pcm = interleave(before.samples, samples);
  return [mono, { name: `${before.name} and ${name}`, channels: 2 as const, pcm }];
});

function largestDifference(one: Int16Array, other: Int16Array): number {
  return one.reduce((largest, sample, at) => Math.max(largest, Math.abs(sample - other[at])), 0);
}

describe("ffmpeg", () => {
  it.each(recordings)("decodes $name in AIFF-C to exactly our samples", ({ channels, pcm }) => {
    const { file, samples } = aiffcFile(pcm, channels, SAMPLE_RATE);
    expect(firstDifference(decodeWithFfmpeg("ima4.aifc", file), samples)).toBeUndefined();
  });

  // For WAV, ffmpeg multiplies: (2 × magnitude + 1) × step ÷ 8, where the reference algorithm adds parts that are cut
  // to integers one by one. That is up to 2 more per sample, a few dozen by the end of a block of 1017; a nibble or
  // a byte in the wrong place would be off by thousands.
  it.each(recordings)("decodes $name in WAV blocks to nearly our samples", ({ channels, pcm }) => {
    const { file, samples } = wavFile(pcm, channels, SAMPLE_RATE, 1016);
    const decoded = decodeWithFfmpeg("ima.wav", file);
    expect(decoded.length).toBe(samples.length);
    expect(largestDifference(decoded, samples)).toBeLessThan(128);
  });

  it("is asked for by name when it is not there", () => {
    const path = process.env.PATH;
    process.env.PATH = "/nonexistent";
    try {
      expect(() => decodeWithFfmpeg("ima.wav", new Uint8Array(0))).toThrow(
        "this test needs ffmpeg on the PATH",
      );
    } finally {
      process.env.PATH = path;
    }
  });
});

describe("wavefile", () => {
  const BLOCK_FRAMES = 504;

  // It writes every block's first sample twice, leaves out the last block, and takes −32767 for the lowest sample:
  // so these signals, which do not reach it.
  const signals = SIGNALS.filter(({ name }) => ["silence", "sine440", "clicks"].includes(name));
  it.each(signals)("decodes $name in WAV blocks to exactly our samples", (signal) => {
    const { file, samples } = wavFile(signal.samples, 1, 8000, BLOCK_FRAMES);
    const wav = new wavefile.WaveFile(file);
    wav.fromIMAADPCM();
    const theirs = wav.getSamples(false) as Float64Array;
    const blocks = samples.length / (BLOCK_FRAMES + 1) - 1;
    const withoutDoubles = theirs
      .filter((_, at) => at % (BLOCK_FRAMES + 2) !== 0)
      .subarray(0, blocks * (BLOCK_FRAMES + 1));
    expect(firstDifference(withoutDoubles, samples.subarray(0, withoutDoubles.length))).toBeUndefined();
    expect(withoutDoubles.length).toBe(62 * (BLOCK_FRAMES + 1));
  });
});
