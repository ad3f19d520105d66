import { statSync } from "node:fs";
import { join } from "node:path";
import { blockBytes, encodeBlock, initialStates, type NibbleOrder } from "@audio/ima-adpcm";
import { formatFrame, formatHandshake } from "@audio/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import type { Segment } from "../src/catalogue/segment.js";
import { planRange } from "../src/playback/plan.js";
import { noise, played, storeOf } from "./support/playing.js";
import { put } from "./support/recordings.js";
import { EVENING, local, putWav, remote, SECOND, segment } from "./support/segments.js";
import { temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const RATE = 8000;
const SEGMENT = 2 * RATE;

let dataDir: string;
beforeEach(() => {
  dataDir = newFolder();
});

/** Interleaved tones: ADPCM is exact about none, but what it decodes to is always the same. */
function tone(samples: number): Int16Array {
  return Int16Array.from({ length: samples }, (_, i) => 9000 * Math.sin(i / 5) + 4000 * Math.sin(i / 71));
}

const pcmFrames = (audio: Buffer, frameBytes: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(audio.length / frameBytes) }, (_, i) =>
    formatFrame("pcm16", i, audio.subarray(i * frameBytes, (i + 1) * frameBytes)),
  );

/** Segments of 2 s whose `.bin` rotate as the recorder's do: a frame that crosses a cut stands before it, whole. */
function putBins(
  frames: readonly Uint8Array[],
  frameSamples: number,
  count: number,
  front?: Uint8Array,
): Segment[] {
  return Array.from({ length: count }, (_, i) => {
    const [first, last] = [i * SEGMENT, (i + 1) * SEGMENT].map((at) => Math.ceil(at / frameSamples));
    const one = segment({
      stem: `bin${i}`,
      samples: SEGMENT,
      startUs: EVENING + i * 2 * SECOND,
      forms: [local("bin")],
    });
    put(dataDir, `bin${i}.bin`, Buffer.concat([...(front ? [front] : []), ...frames.slice(first, last)]));
    return one;
  });
}

const play = (segments: Segment[], from: number, to: number, more = {}) =>
  played(
    planRange(segments, { fromUs: EVENING + from * SECOND, toUs: EVENING + to * SECOND, gaps: "silence" }),
    { dataDir, ...more },
  );

describe("frames as received, when there is nothing else", () => {
  it("give the input back", async () => {
    const input = noise(3 * SEGMENT * 2);
    const segments = putBins(pcmFrames(input, 320), 160, 3);
    const { pcm, notes } = await play(segments, 0, 6);
    expect(pcm.equals(input)).toBe(true);
    expect(notes).toEqual([]);
    expect((await play(segments, 1.5, 5.25)).pcm.equals(input.subarray(1.5 * 16_000, 5.25 * 16_000))).toBe(
      true,
    );
  });

  it("give the input back also when frames cross the cuts", async () => {
    const input = noise(3 * SEGMENT * 2);
    const segments = putBins(pcmFrames(input, 2 * 333), 333, 3);
    const { pcm } = await play(segments, 0, 6);
    expect(pcm.equals(input)).toBe(true);
  });

  it("lack less than a frame at the front, when what came before is not read", async () => {
    const input = noise(3 * SEGMENT * 2);
    const segments = putBins(pcmFrames(input, 2 * 333), 333, 3);
    const last = { ...segments[2], samples: SEGMENT };
    const { pcm } = await play([last], 4, 6);
    const lacking = Math.ceil((2 * SEGMENT) / 333) * 333 - 2 * SEGMENT;
    expect(pcm.subarray(0, lacking * 2).every((byte) => byte === 0)).toBe(true);
    expect(pcm.subarray(lacking * 2).equals(input.subarray((2 * SEGMENT + lacking) * 2))).toBe(true);
  });

  it.each<[1 | 2, NibbleOrder]>([
    [1, "low"],
    [1, "high"],
    [2, "high"],
  ])("are decoded from ADPCM: %i channels, nibbles %s first", async (channels, order) => {
    const input = tone(2 * SEGMENT * channels);
    const states = initialStates(channels);
    const frames = Array.from({ length: (2 * SEGMENT) / 160 }, (_, i) => {
      const block = new Uint8Array(blockBytes(160, channels));
      encodeBlock(input, i * 160 * channels, 160, channels, states, block, 0, order);
      return formatFrame("ima-adpcm", i, block);
    });
    const segments = putBins(frames, 160, 2).map((one) => ({ ...one, channels }));
    const { pcm, notes } = await play(segments, 0, 4);
    expect(notes).toEqual([]);
    const samples = new Int16Array(new Uint8Array(pcm).buffer);
    expect(samples.length).toBe(input.length);
    const error = samples.reduce((sum, sample, i) => sum + Math.abs(sample - input[i]), 0) / samples.length;
    expect(error).toBeLessThan(300); // nibbles the wrong way round: 5000
  });

  it("are taken from the middle, between a WAV and a store", async () => {
    const input = noise(3 * SEGMENT * 2);
    const segments = putBins(pcmFrames(input, 320), 160, 3);
    putWav(dataDir, segments[0], input.subarray(0, 2 * SEGMENT));
    const path = join(dataDir, "bin2.bin");
    segments[0] = { ...segments[0], forms: [local("bin"), local("wav")] };
    segments[2] = { ...segments[2], stem: "elsewhere", forms: [remote("bin", statSync(path).size)] };
    const { pcm } = await play(segments, 0, 6, { openRemote: storeOf(() => path).openRemote });
    expect(pcm.equals(input)).toBe(true);
  });

  it("may begin with a handshake", async () => {
    const front = formatHandshake({
      streamId: 1,
      sampleRate: RATE,
      channels: 1,
      codec: "pcm16",
      frameSamples: 160,
      timestampMs: 0n,
    });
    const input = noise(2 * SEGMENT * 2);
    const { pcm } = await play(putBins(pcmFrames(input, 320), 160, 2, front), 0, 4);
    expect(pcm.equals(input)).toBe(true);
  });

  it("leave silence where frames were lost, and none where they came twice", async () => {
    const input = noise(SEGMENT * 2);
    const frames = pcmFrames(input, 320);
    const received = [...frames.slice(0, 20), frames[19], frames[18], ...frames.slice(30)];
    const [one] = putBins([], 160, 1);
    put(dataDir, "bin0.bin", Buffer.concat(received));
    const { pcm } = await play([one], 0, 2);
    const expected = Buffer.from(input);
    expected.fill(0, 20 * 320, 30 * 320);
    expect(pcm.equals(expected)).toBe(true);
  });

  it("know of frames that were lost just at the cut", async () => {
    const input = noise(SEGMENT * 2);
    const gap = { startUs: EVENING, samples: 800, cause: "lost-frames", filled: true } as const;
    const one = segment({ stem: "bin0", samples: SEGMENT, forms: [local("bin")], gaps: [gap] });
    put(dataDir, "bin0.bin", Buffer.concat(pcmFrames(input, 320).slice(5)));
    const expected = Buffer.from(input).fill(0, 0, 1600);
    expect((await play([one], 0, 2)).pcm.equals(expected)).toBe(true);
  });
});

describe("a .bin that is damaged", () => {
  const input = noise(SEGMENT * 2);

  it("is read up to there", async () => {
    const [one] = putBins([], 160, 1);
    const good = Buffer.concat(pcmFrames(input, 320).slice(0, 50));
    put(dataDir, "bin0.bin", Buffer.concat([good, noise(500)]));
    const { pcm, notes } = await play([one], 0, 2);
    expect(pcm.length).toBe(SEGMENT * 2);
    expect(notes[0].reasons.join()).toMatch(/bin on disk: frame 51: .* is not the magic/);
  });

  it("may be no .bin at all", async () => {
    const [one] = putBins([], 160, 1);
    for (const content of [new Uint8Array(0), noise(5), noise(5000)]) {
      put(dataDir, "bin0.bin", content);
      const { pcm, notes } = await play([one], 0, 2);
      expect(pcm.every((byte) => byte === 0)).toBe(true);
      expect(notes[0].silentSamples).toBe(SEGMENT);
    }
  });

  it("costs no more memory than it has bytes, whatever it claims", async () => {
    const one = { ...putBins([], 160, 1)[0], samples: 1000 * SEGMENT };
    const far = Array.from({ length: 2000 }, (_, i) =>
      formatFrame("pcm16", i * 2999, input.subarray(0, 320)),
    );
    put(dataDir, "bin0.bin", Buffer.concat(far));
    const before = process.memoryUsage().arrayBuffers;
    const { pcm } = await play([one], 0, 2);
    expect(pcm.length).toBe(SEGMENT * 2);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1_048_576);
  });
});
