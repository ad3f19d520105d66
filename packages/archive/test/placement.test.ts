import { TimeZone } from "@audio/segments";
import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { StreamRecorder } from "../src/index.js";
import type { StreamRecorderOptions } from "../src/recording/stream-recorder-options.js";
import { Studio, signal } from "./support/studio.js";
import { temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const SECOND = 1_000_000;
const RATE = 1000;

let studio: Studio;
let recorder: StreamRecorder;

function start(options: Partial<StreamRecorderOptions> = {}): void {
  studio = new Studio(newFolder());
  recorder = studio.record({ sampleRate: RATE }, options);
}

function receive(seconds: number): void {
  recorder.begin(studio.clock.nowUs);
  const bytes = Math.round(seconds * RATE) * 2;
  recorder.write(signal(recorder.samples * 2, bytes), 0, bytes);
  recorder.end(studio.clock.nowUs);
}

/** Live audio in blocks of 100 ms, flushed as the wheel does, at a pace that is `ppm` off. */
function live(seconds: number, ppm = 0): void {
  for (let block = 0; block < seconds * 10; block++) {
    studio.clock.nowUs += 100_000 / (1 + ppm / 1e6);
    receive(0.1);
    if (block % 9 === 0) recorder.flush(studio.clock.nowUs);
  }
}

function silent(seconds: number): void {
  for (let tick = 0; tick < seconds * 10; tick++) {
    studio.clock.nowUs += 100_000;
    if (tick % 9 === 0) recorder.flush(studio.clock.nowUs);
  }
}

const lengths = () => studio.completed.map(({ samples }) => samples);
const startSeconds = () =>
  studio.completed.map(({ startUs }) => (startUs - studio.completed[0].startUs) / SECOND);

beforeEach(() => start());

describe("a stalled stream", () => {
  it("has its segment closed on time, and a new one when it comes back, with the gap between", async () => {
    live(4);
    silent(20);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(lengths()).toEqual([4000]);
    live(5);
    await recorder.close();
    expect(lengths()).toEqual([4000, 5000]);
    expect(startSeconds()[1]).toBeCloseTo(24, 0);
    expect(studio.gaps).toHaveLength(1);
    expect(studio.gaps[0]).toMatchObject({ cause: "disconnected", filled: false });
    expect(studio.gaps[0].samples / RATE).toBeCloseTo(20, 0);
    expect(studio.gaps[0].startUs).toBeCloseTo(studio.completed[0].startUs + 4 * SECOND, -6);
    expect(studio.completed[1].gaps).toEqual([expect.objectContaining({ cause: "disconnected" })]);
  });

  it("loses nothing when its network hands over late what it held up", async () => {
    live(4);
    silent(7);
    receive(7);
    live(12);
    await recorder.close();
    expect(studio.gaps).toEqual([]);
    expect(lengths()).toEqual([4000, 10_000, 9000]);
    expect(startSeconds()).toEqual([0, 4, 14]);
  });

  it("loses nothing either when that fills the memory it may use", async () => {
    start({ backlogBytes: 20_000 });
    live(4);
    silent(60);
    for (let piece = 0; piece < 60; piece++) {
      studio.clock.nowUs += 1000;
      receive(1);
    }
    live(10);
    await recorder.close();
    expect(studio.gaps).toEqual([]);
    expect(startSeconds().at(-1)).toBeGreaterThan(50);
    expect(
      lengths()
        .slice(1, -1)
        .every((length) => length === 10_000),
    ).toBe(true);
  });

  it("waits for no clock when that fills the memory: its sender may go on as soon as the disk has it", async () => {
    let relieved = false;
    const onRelief = () => {
      relieved = true;
    };
    start({ backlogBytes: 200_000, onRelief, segmentSeconds: 1000 });
    live(4);
    silent(200);
    await vi.waitFor(() => expect(studio.store.backlog.bytes).toBe(0));
    relieved = false;
    while (!recorder.congested) receive(1);
    expect(studio.store.backlog.bytes).toBeLessThan(210_000);
    await vi.waitFor(() => expect(relieved).toBe(true));
    await recorder.close();
    expect(studio.gaps).toEqual([]);
  });

  it("is recorded though it ends while it settles", async () => {
    live(4);
    silent(5);
    receive(0.1);
    await recorder.close();
    expect(lengths()).toEqual([4000, 100]);
    expect(studio.gaps).toHaveLength(1);
    expect(startSeconds()[1]).toBeCloseTo(9, 0);
  });

  it("keeps apart what was lost with a full disk and what never came", async () => {
    live(4);
    studio.disk.report(Object.assign(new Error("full"), { code: "ENOSPC" }));
    live(6);
    silent(10);
    live(5);
    const startUs = (recorder.endUs as number) + studio.clock.wallAheadUs;
    await recorder.close();
    const gaps = studio.gaps.map(({ cause, samples, startUs: at }) => [
      cause,
      samples / RATE,
      Math.round((at - startUs) / SECOND),
    ]);
    expect(gaps.map(([cause]) => cause).sort()).toEqual(["disconnected", "disk-full", "disk-full"]);
    const total = gaps.reduce((sum, [, seconds]) => sum + Number(seconds), 0);
    expect(total).toBeCloseTo(6 + 10 + 5, 0);
    const away = gaps.find(([cause]) => cause === "disconnected");
    expect(away?.[1]).toBeCloseTo(10, 0);
    const full = gaps.filter(([cause]) => cause === "disk-full");
    expect(full.map(([, , at]) => at)).toEqual([-21, -5]);
    const [before, , after] = [...studio.gaps].sort((a, b) => a.startUs - b.startUs);
    const [gap] = studio.gaps.filter(({ cause }) => cause === "disconnected");
    expect(gap.startUs / SECOND).toBeCloseTo((before.startUs + before.samples * 1000) / SECOND, 2);
    expect(after.startUs / SECOND).toBeCloseTo((gap.startUs + gap.samples * 1000) / SECOND, 2);
  });
});

describe("lost audio that is left out", () => {
  it("makes the segment no shorter, and what follows later", async () => {
    live(6);
    recorder.omit(5 * RATE, "lost-frames");
    studio.clock.nowUs += 5 * SECOND;
    live(10);
    await recorder.close();
    expect(lengths()).toEqual([10_000, 6000]);
    expect(startSeconds()).toEqual([0, 15]);
    expect(studio.completed[0].gaps).toMatchObject([{ samples: 5000, filled: false }]);
  });

  it("begins the next segment behind it when it falls on a cut", async () => {
    live(10);
    studio.clock.nowUs += 5 * SECOND;
    recorder.omit(5 * RATE, "lost-frames");
    live(3);
    await recorder.close();
    expect(startSeconds()).toEqual([0, 15]);
    expect(studio.completed[1].gaps).toMatchObject([{ samples: 5000, filled: false }]);
  });
});

describe("align: clock", () => {
  it("names every segment but the first by a round time", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(9_999_999),
        fc.constantFrom(8000, 11_025, 44_100),
        async (offsetUs, sampleRate) => {
          studio = new Studio(newFolder());
          studio.clock.wallAheadUs += offsetUs;
          recorder = studio.record({ sampleRate }, { align: "clock", segmentSeconds: 10 });
          const bytes = Buffer.alloc(sampleRate * 2 * 5, 1);
          recorder.begin(studio.clock.nowUs);
          for (let i = 0; i < 9; i++) recorder.write(bytes, 0, bytes.length);
          recorder.end(studio.clock.nowUs);
          await recorder.close();
          const seconds = studio.completed.map(({ startUs }) => (startUs / SECOND) % 10);
          expect(seconds.slice(1).every((second) => second < 2 / sampleRate)).toBe(true);
          expect(studio.completed.reduce((sum, { samples }) => sum + samples, 0)).toBe(45 * sampleRate);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("stays on them with a device that drifts", async () => {
    start({ align: "clock" });
    live(600, 200);
    await recorder.close();
    for (const { startUs } of studio.completed.slice(1)) expect((startUs / SECOND) % 10).toBeLessThan(0.1);
    expect(studio.gaps).toEqual([]);
  });

  it("writes both hours of the night in which summer time ends, and overwrites none", async () => {
    start({ align: "clock", segmentSeconds: 1800, zone: new TimeZone("Europe/Vienna") });
    studio.clock.wallAheadUs = Date.UTC(2026, 9, 25, 0, 0) * 1000 - studio.clock.nowUs;
    const bytes = signal(0, 1800 * RATE * 2);
    recorder.begin(studio.clock.nowUs);
    for (let i = 0; i < 4; i++) recorder.write(bytes, 0, bytes.length);
    recorder.end(studio.clock.nowUs);
    await recorder.close();
    const names = studio.completed.map(({ path }) => path.split("/").at(-1));
    expect(names).toEqual([
      "2026-10-25_020000.wav",
      "2026-10-25_023000.wav",
      "2026-10-25_020000_2.wav",
      "2026-10-25_023000_2.wav",
    ]);
  });
});

it.each([-200, 200])("begins its segments on the clock, though the device's is %i ppm off", async (ppm) => {
  start({ segmentSeconds: 600 });
  for (let second = 0; second < 8 * 3600; second++) {
    studio.clock.nowUs += SECOND / (1 + ppm / 1e6);
    receive(1);
    if (second % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await recorder.close();
  expect(lengths()).toEqual(new Array(48).fill(600 * RATE));
  expect(Math.abs((recorder.endUs as number) - studio.clock.nowUs) / SECOND).toBeLessThan(1);
  expect(recorder.driftPpm).toBeCloseTo(ppm, 0);
});

it.each([-200, 200])(
  "never cuts a day-long segment because the device's clock runs %i ppm off",
  async (ppm) => {
    start({ segmentSeconds: 86_400 });
    const block = Buffer.alloc(2 * RATE * 10, 1);
    for (let i = 0; i < 8600; i++) {
      studio.clock.nowUs += (10 * SECOND) / (1 + ppm / 1e6);
      recorder.begin(studio.clock.nowUs);
      recorder.write(block, 0, block.length);
      recorder.end(studio.clock.nowUs);
      recorder.flush(studio.clock.nowUs);
      if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    for (let i = 0; i < 40; i++) {
      studio.clock.nowUs += (10 * SECOND) / (1 + ppm / 1e6);
      recorder.flush(studio.clock.nowUs - SECOND);
      receive(10);
    }
    await recorder.close();
    expect(lengths()[0]).toBe(86_400 * RATE);
    expect(studio.gaps).toEqual([]);
  },
);
