import { basename } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { StreamRecorder } from "../src/index.js";
import { readSegment, Studio, signal } from "./support/studio.js";
import { filesBelow, temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const SECOND = 1_000_000;
const HOUR = 3600 * SECOND;

let studio: Studio;
let recorder: StreamRecorder;

beforeEach(() => {
  studio = new Studio(newFolder());
  recorder = studio.record();
});

/** Live audio in blocks of 100 ms, flushed as the wheel does. */
function live(seconds: number): void {
  for (let block = 0; block < seconds * 10; block++) {
    studio.clock.nowUs += 100_000;
    recorder.begin(studio.clock.nowUs);
    recorder.write(signal(recorder.samples * 2, 200), 0, 200);
    recorder.end(studio.clock.nowUs);
    if (block % 9 === 0) recorder.flush(studio.clock.nowUs);
  }
}

const names = () => studio.completed.map(({ path }) => basename(path));
const joined = () => Buffer.concat(studio.completed.map(({ path }) => readSegment(path).audio));

describe.each([
  ["an hour forth", HOUR],
  ["an hour back", -HOUR],
  ["a year forth", 365 * 24 * HOUR],
  ["a year back", -365 * 24 * HOUR],
  ["back to 1970", -Date.UTC(2026, 10, 21, 22, 1) * 1000],
  ["half a second", SECOND / 2],
])("a server's clock that is set %s in the middle of a segment", (_, stepUs) => {
  it("cuts nothing, loses nothing, and counts from the next segment on", async () => {
    live(14);
    studio.clock.wallAheadUs += stepUs;
    live(20);
    await recorder.close();
    expect(studio.completed.map(({ samples }) => samples)).toEqual([10_000, 10_000, 10_000, 4000]);
    const [first, second, third, fourth] = studio.completed.map(({ startUs }) => startUs);
    // The anchor of a live stream is fitted at a cut, by what its packets waited: here the 0.1 s of a block.
    const apart = [second - first, third - second - stepUs, fourth - third];
    for (const us of apart) expect(Math.abs(us - 10 * SECOND)).toBeLessThanOrEqual(100_000);
    expect(joined().equals(signal(0, 68_000))).toBe(true);
    expect(studio.gaps).toEqual([]);
    expect(new Set(names()).size).toBe(4);
  });

  it("leaves what is missing of that segment inside it", async () => {
    live(2);
    studio.clock.wallAheadUs += stepUs;
    live(1);
    recorder.silence(1000, "lost-frames");
    recorder.omit(1000, "lost-frames");
    live(3);
    await recorder.close();
    const [{ startUs, gaps, path }] = studio.completed;
    expect(gaps.map((gap) => (gap.startUs - startUs) / SECOND)).toEqual([3, 4]);
    expect(studio.gaps.map((gap) => gap.startUs)).toEqual(gaps.map((gap) => gap.startUs));
    expect(readSegment(path).metadata?.startUs).toBe(startUs);
  });

  it("does not make a stall longer or shorter", async () => {
    live(3);
    studio.clock.wallAheadUs += stepUs;
    for (let tick = 0; tick < 100; tick++) {
      studio.clock.nowUs += 100_000;
      recorder.flush(studio.clock.nowUs);
    }
    live(3);
    await recorder.close();
    expect(studio.gaps).toMatchObject([{ cause: "disconnected" }]);
    expect(studio.gaps[0].samples / 1000).toBeCloseTo(10, 0);
    expect(studio.completed.map(({ samples }) => samples)).toEqual([3000, 3000]);
  });
});

it("a clock that is set back to the same second again overwrites nothing", async () => {
  for (let round = 0; round < 4; round++) {
    live(10);
    studio.clock.wallAheadUs -= 10 * SECOND;
  }
  await recorder.close();
  expect(names()).toEqual(["", "_2", "_3", "_4"].map((end) => `2026-11-21_220101${end}.wav`));
  expect(joined().equals(signal(0, 80_000))).toBe(true);
  expect(filesBelow(studio.store.dataDir)).toHaveLength(4);
});
