import { readFileSync } from "node:fs";
import { measurePcm, placeGaps } from "@audio/levels";
import { formatFrame } from "@audio/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StreamRecorder } from "../src/index.js";
import { MONO_16, readSegment, Studio, signal } from "./support/studio.js";
import { filesBelow, temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const PREAMBLE = Uint8Array.from({ length: 32 }, (_, i) => i);

type Step =
  | { readonly do: "write" | "reserve" | "frame" | "silence" | "omit"; readonly frames: number }
  | { readonly do: "flush" | "batch" };

interface Case {
  readonly channels: number;
  readonly bitsPerSample: 16 | 24 | 32;
  readonly segmentFrames: number;
  readonly steps: readonly Step[];
}

const SAMPLE_RATE = 1000;
const sizes = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 3000 }));
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("write", "reserve", "frame"), frames: sizes }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("silence", "omit"), frames: sizes }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("flush", "batch") }) },
);
const cases: fc.Arbitrary<Case> = fc.record({
  channels: fc.integer({ min: 1, max: 3 }),
  bitsPerSample: fc.constantFrom(16, 24, 32),
  segmentFrames: fc.integer({ min: 100, max: 4000 }),
  steps: fc.array(steps, { minLength: 1, maxLength: 25 }),
});

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Plays steps to a recorder, and knows what must come of it. */
class Take {
  readonly studio: Studio;
  readonly recorder: StreamRecorder;
  readonly audio: Uint8Array[] = [];
  readonly frames: Uint8Array[] = [];
  readonly gaps: { samples: number; filled: boolean }[] = [];
  readonly #frameBytes: number;
  #bytes = 0;

  constructor({ channels, bitsPerSample, segmentFrames }: Case) {
    this.studio = new Studio(newFolder());
    this.#frameBytes = (channels * bitsPerSample) / 8;
    const segmentSeconds = segmentFrames / SAMPLE_RATE;
    const stream = { channels, bitsPerSample, sampleRate: SAMPLE_RATE };
    this.recorder = this.studio.record(stream, { segmentSeconds, keepFrames: true, binPreamble: PREAMBLE });
  }

  play(all: readonly Step[]): void {
    this.recorder.begin(this.studio.clock.nowUs);
    for (const step of all) this.#perform(step);
    this.recorder.end(this.studio.clock.nowUs);
  }

  #perform(step: Step): void {
    if (!("frames" in step)) this.#pause(step.do);
    else if (step.do === "silence" || step.do === "omit") this.#miss(step.do, step.frames);
    else this.#record(step.do, step.frames);
  }

  #pause(how: "flush" | "batch"): void {
    const { clock } = this.studio;
    if (how === "flush") return this.recorder.flush(clock.nowUs);
    this.recorder.end(clock.nowUs);
    clock.nowUs += 1000; // a replay: never late
    this.recorder.begin(clock.nowUs);
  }

  #miss(how: "silence" | "omit", frames: number): void {
    this.recorder[how](frames, "lost-frames");
    this.gaps.push({ samples: frames, filled: how === "silence" });
    if (how === "silence") this.audio.push(new Uint8Array(frames * this.#frameBytes));
  }

  #record(how: "write" | "reserve" | "frame", frames: number): void {
    const bytes = signal(this.#bytes, frames * this.#frameBytes);
    this.#bytes += bytes.length;
    this.audio.push(bytes);
    if (how === "frame") this.#frame(frames);
    const at = how === "reserve" ? this.recorder.reserve(frames) : -1;
    if (at < 0) return this.recorder.write(Buffer.concat([Buffer.of(9), bytes]), 1, 1 + bytes.length);
    new Uint8Array(this.recorder.reservedSamples.buffer).set(bytes, at * 2);
    this.recorder.commit(frames);
  }

  #frame(frames: number): void {
    const frame = formatFrame("pcm16", this.frames.length, Uint8Array.of(frames & 255));
    this.frames.push(frame);
    this.recorder.frame(frame, 0, frame.length);
  }
}

async function recorded(all: Case): Promise<Take> {
  const take = new Take(all);
  take.play(all.steps);
  await take.recorder.close();
  return take;
}

describe("a recorded stream", () => {
  it("is its input when its segments are put together, in segments of exact length", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (all) => {
        const { studio, recorder, audio } = await recorded(all);
        const segments = studio.completed.map(({ path }) => readSegment(path));
        expect(Buffer.concat(segments.map((segment) => segment.audio)).equals(Buffer.concat(audio))).toBe(
          true,
        );
        const lengths = studio.completed.map(({ samples }) => samples);
        expect(lengths.slice(0, -1).every((length) => length === all.segmentFrames)).toBe(true);
        expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(recorder.samples);
        expect(studio.failed).toEqual([]);
        expect(studio.store.backlog.bytes).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  it("is described by its events, and by its files in the same way", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (all) => {
        const { studio } = await recorded(all);
        for (const { path, bytes, samples, startUs, gaps, levels, bin, stream } of studio.completed) {
          const segment = readSegment(path);
          expect(segment.bytes).toBe(bytes);
          expect(segment.riffBytes).toBe(bytes - 8);
          expect(segment.audio.length).toBe((samples * all.channels * all.bitsPerSample) / 8);
          expect(segment.metadata).toMatchObject({
            device: "mic",
            streamId: 7,
            startUs,
            samples,
            gaps,
            software: "studio 1.0",
          });
          const { filled } = placeGaps(startUs, SAMPLE_RATE, gaps);
          expect(levels.rmsDbfs).toHaveLength(Math.ceil(samples / SAMPLE_RATE));
          expect(await measurePcm(onePiece(segment.audio), stream, filled)).toEqual(levels);
          if (bin !== undefined) expect(readFileSync(bin.path).length).toBe(bin.bytes);
          expect(stream).toMatchObject({ channels: all.channels, bitsPerSample: all.bitsPerSample });
        }
        const finished = studio.completed.flatMap(({ path, bin }) =>
          bin === undefined ? [path] : [path, bin.path],
        );
        expect(filesBelow(studio.store.dataDir)).toEqual(
          finished.map((path) => path.slice(studio.store.dataDir.length + 1)).sort(),
        );
      }),
      { numRuns: 60 },
    );
  });

  it("lies in time where its samples and its gaps put it", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (all) => {
        const { studio, gaps } = await recorded(all);
        expect(studio.gaps.map(({ samples, filled }) => ({ samples, filled }))).toEqual(gaps);
        const inFiles = studio.completed.flatMap((segment) => segment.gaps);
        for (const filled of [true, false]) expect(sum(inFiles, filled)).toBe(sum(gaps, filled));
        let expectedUs = 0;
        for (const { startUs, samples, gaps: own } of studio.completed) {
          const leading = own.filter((gap) => !gap.filled && gap.startUs < startUs);
          if (expectedUs > 0) expect(startUs).toBe(expectedUs + sum(leading, false) * 1000);
          expectedUs = startUs + (samples + sum(own, false) - sum(leading, false)) * 1000;
        }
      }),
      { numRuns: 100 },
    );
  });

  it("keeps each frame whole, in the .bin of the segment in which it begins", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (all) => {
        const { studio, frames } = await recorded(all);
        const bins = studio.completed.flatMap(({ bin }) =>
          bin === undefined ? [] : [readFileSync(bin.path)],
        );
        for (const bin of bins) expect(bin.subarray(0, 32).equals(PREAMBLE)).toBe(true);
        expect(Buffer.concat(bins.map((bin) => bin.subarray(32))).equals(Buffer.concat(frames))).toBe(true);
        for (const { path, bin } of studio.completed) {
          if (bin !== undefined) expect(bin.path).toBe(path.replace(/\.wav$/, ".bin"));
        }
      }),
      { numRuns: 60 },
    );
  });

  it("tells of each segment's end after its beginning, in order", async () => {
    const { studio } = await recorded({
      channels: 1,
      bitsPerSample: 16,
      segmentFrames: 500,
      steps: [{ do: "write", frames: 1600 }],
    });
    const names = [
      "mic/2026-11-21_220101",
      "mic/2026-11-21_220101_2",
      "mic/2026-11-21_220102",
      "mic/2026-11-21_220102_2",
    ];
    expect(studio.told.filter((line) => line.startsWith("open")).sort()).toEqual(
      names.map((name) => `open ${name}.wav`),
    );
    expect(studio.told.filter((line) => line.startsWith("complete"))).toEqual(
      names.map((name) => `complete ${name}.wav`),
    );
    for (const name of names) {
      expect(studio.told.indexOf(`open ${name}.wav`)).toBeLessThan(
        studio.told.indexOf(`complete ${name}.wav`),
      );
    }
    expect(studio.completed.map(({ startUs }) => startUs - studio.completed[0].startUs)).toEqual([
      0, 500_000, 1_000_000, 1_500_000,
    ]);
  });
});

function sum(gaps: readonly { samples: number; filled: boolean }[], filled: boolean): number {
  return gaps.filter((gap) => gap.filled === filled).reduce((total, gap) => total + gap.samples, 0);
}

describe("a stream that sends nothing", () => {
  it("leaves no file", async () => {
    const studio = new Studio(newFolder());
    const recorder = studio.record();
    recorder.begin(studio.clock.nowUs);
    recorder.end(studio.clock.nowUs);
    recorder.flush(studio.clock.nowUs);
    recorder.cut();
    await recorder.close();
    expect(filesBelow(studio.store.dataDir)).toEqual([]);
    expect(studio.told).toEqual([]);
    expect(recorder.endUs).toBeUndefined();
  });

  it("leaves none either behind its last whole segment", async () => {
    const studio = new Studio(newFolder());
    const recorder = studio.record({}, { segmentSeconds: 1 });
    recorder.begin(studio.clock.nowUs);
    recorder.write(signal(0, 2000), 0, 2000);
    recorder.end(studio.clock.nowUs);
    await recorder.close();
    expect(filesBelow(studio.store.dataDir)).toHaveLength(1);
    expect(recorder.endUs).toBe(studio.clock.nowUs + 1_000_000);
    expect(recorder.samples).toBe(MONO_16.sampleRate);
  });
});
