import { beforeEach, describe, expect, it } from "vitest";
import { Timeline } from "../src/index.js";

const RATE = 16_000;
const SECOND = 1_000_000;
const BLOCK = 1600; // 100 ms

describe("a live stream", () => {
  let timeline: Timeline;
  let index: number;
  let nowUs: number;

  /** `seconds` of audio in blocks of 100 ms, at its own pace; true if one of them came after a stall. */
  function live(seconds: number): boolean {
    let stalled = false;
    for (let block = 0; block < seconds * 10; block++) {
      nowUs += 100_000;
      stalled = receive(BLOCK) || stalled;
    }
    return stalled;
  }

  function receive(sampleFrames: number): boolean {
    const stalled = timeline.begin(index, nowUs);
    index += sampleFrames;
    timeline.end(index, nowUs);
    return stalled;
  }

  beforeEach(() => {
    timeline = new Timeline({ sampleRate: RATE });
    index = 0;
    nowUs = 7 * SECOND;
    receive(BLOCK);
    expect(live(20)).toBe(false);
  });

  it("does not stall for two seconds", () => {
    nowUs += 1_900_000;
    expect(receive(BLOCK)).toBe(false);
    expect(timeline.settling).toBe(false);
  });

  it("has a gap as long as its silence, if nothing catches up", () => {
    const beforeUs = timeline.timeOf(index);
    nowUs += 7 * SECOND;
    expect(live(0.5)).toBe(true);
    expect(timeline.settled(nowUs)).toBe(false);
    live(0.1);
    expect(timeline.settled(nowUs)).toBe(true);
    const missingUs = timeline.settle();
    expect(missingUs / SECOND).toBeCloseTo(7, 0);
    expect(timeline.settling).toBe(false);
    expect(timeline.timeOf(index)).toBe(nowUs);
    expect(Math.abs(timeline.timeOf(index) - beforeUs - 7.6 * SECOND)).toBeLessThan(0.2 * SECOND);
    expect(live(10)).toBe(false);
  });

  it.each([3, 10, 60])("has no gap when all that a network held up for %i s comes in a burst", (seconds) => {
    const expectedUs = timeline.timeOf(index);
    nowUs += seconds * SECOND;
    expect(receive(BLOCK)).toBe(true);
    for (let block = 1; block < seconds * 10; block++) {
      nowUs += 1000;
      expect(receive(BLOCK)).toBe(false);
    }
    nowUs += SECOND;
    receive(BLOCK * 10);
    expect(timeline.settle()).toBe(0);
    expect(timeline.timeOf(index - (seconds * 10 + 10) * BLOCK)).toBe(expectedUs);
    expect(live(10)).toBe(false);
  });

  it("has no gap either when the burst is one piece", () => {
    nowUs += 30 * SECOND;
    expect(receive(300 * BLOCK)).toBe(true);
    expect(timeline.settle()).toBe(0);
    expect(live(10)).toBe(false);
  });

  it("has no gap when the burst takes longer than it may settle", () => {
    nowUs += 60 * SECOND;
    const segments = [receive(BLOCK)];
    for (let block = 1; block < 660; block++) {
      nowUs += 10_000; // more than six seconds in all, in which there is more to send
      if (timeline.settled(nowUs)) expect(timeline.settle()).toBe(0);
      segments.push(receive(BLOCK));
    }
    expect(segments.filter((stalled) => stalled)).toHaveLength(1);
    expect(live(30)).toBe(false);
    expect(timeline.settling).toBe(false);
  });

  it("has its gap where the burst ends, if that brings back only a part", () => {
    nowUs += 60 * SECOND;
    receive(BLOCK);
    for (let block = 1; block < 100; block++) {
      nowUs += 10_000;
      expect(receive(BLOCK)).toBe(false);
    }
    expect(timeline.settle()).toBe(0);
    expect(live(2)).toBe(true);
    expect(timeline.settle() / SECOND).toBeCloseTo(51, 0);
    expect(live(20)).toBe(false);
  });

  it("may stall again while it catches up", () => {
    nowUs += 20 * SECOND;
    receive(BLOCK);
    nowUs += 10_000;
    receive(50 * BLOCK);
    expect(timeline.settle()).toBe(0);
    nowUs += 5 * SECOND;
    expect(receive(BLOCK)).toBe(true);
    expect(timeline.settle() / SECOND).toBeCloseTo(20, 0);
  });

  it("has a gap of what is still missing when only a part comes back", () => {
    nowUs += 30 * SECOND;
    expect(receive(100 * BLOCK)).toBe(true);
    live(0.5);
    expect(timeline.settle() / SECOND).toBeCloseTo(20, 0);
    expect(timeline.timeOf(index)).toBe(nowUs);
  });

  it("begins anew after a gap, with nothing to follow yet", () => {
    nowUs += 7 * SECOND;
    live(0.6);
    timeline.settle();
    const afterUs = timeline.timeOf(index);
    timeline.refit();
    expect(timeline.timeOf(index)).toBe(afterUs);
  });

  it("stalls again after a stall", () => {
    for (let i = 0; i < 3; i++) {
      nowUs += 4 * SECOND;
      expect(live(0.6)).toBe(true);
      expect(timeline.settle() / SECOND).toBeCloseTo(4, 0);
      expect(live(1)).toBe(false);
    }
  });

  it("stalls while it settles without being told twice", () => {
    nowUs += 4 * SECOND;
    expect(receive(BLOCK)).toBe(true);
    nowUs += 4 * SECOND;
    expect(receive(BLOCK)).toBe(false);
    expect(timeline.settle() / SECOND).toBeCloseTo(7.8, 0);
  });

  it("does not move while it settles", () => {
    nowUs += 4 * SECOND;
    const beforeUs = timeline.timeOf(0);
    receive(BLOCK);
    timeline.refit();
    expect(timeline.timeOf(0)).toBe(beforeUs);
  });

  it("has no stall where lost audio was skipped", () => {
    nowUs += 20 * SECOND;
    expect(timeline.begin(index, nowUs)).toBe(true);
    timeline.skip(19.9 * SECOND); // and the block itself is 0.1 s
    index += BLOCK;
    timeline.end(index, nowUs);
    expect(timeline.settle()).toBe(0);
    expect(live(30)).toBe(false);
    timeline.refit();
    expect(Math.abs(timeline.timeOf(index) - nowUs)).toBeLessThan(SECOND / 5);
    expect(Math.abs(timeline.driftPpm!)).toBeLessThan(1);
  });
});

it("finds a stall also where audio comes a minute at a time", () => {
  const timeline = new Timeline({ sampleRate: RATE });
  const minute = 60 * RATE;
  for (let block = 0; block < 10; block++) {
    expect(timeline.begin(block * minute, block * 60 * SECOND)).toBe(false);
    timeline.end((block + 1) * minute, block * 60 * SECOND);
  }
  expect(timeline.begin(10 * minute, 602.9 * SECOND)).toBe(true);
  timeline.end(11 * minute, 602.9 * SECOND);
  expect(timeline.settle() / SECOND).toBeCloseTo(2.9, 1);
});

it("finds a stall behind a device whose clock has drifted 20 s away within one segment", () => {
  const timeline = new Timeline({ sampleRate: RATE });
  // 1000 ppm fast: 16 016 samples a second.
  for (let second = 0; second < 20_000; second++) {
    expect(timeline.begin(second * 16_016, second * SECOND)).toBe(false);
    timeline.end((second + 1) * 16_016, second * SECOND);
  }
  expect(timeline.begin(20_000 * 16_016, 20_005 * SECOND)).toBe(true);
  timeline.end(20_001 * 16_016, 20_005 * SECOND);
  expect(timeline.settle() / SECOND).toBeCloseTo(5, 0);
});

it("takes other limits", () => {
  const timeline = new Timeline({ sampleRate: RATE, stallUs: 100_000, settleUs: 30_000 });
  timeline.begin(0, 0);
  timeline.end(160, 0);
  expect(timeline.begin(160, 150_000)).toBe(true);
  expect(timeline.settled(179_999)).toBe(false);
  expect(timeline.settled(180_000)).toBe(true);
});

it("counts from the first audio, whatever index that has", () => {
  const timeline = new Timeline({ sampleRate: RATE });
  timeline.begin(32_000, 10 * SECOND);
  expect(timeline.timeOf(32_000)).toBe(10 * SECOND);
  expect(timeline.timeOf(0)).toBe(8 * SECOND);
});
