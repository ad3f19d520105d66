import { describe, expect, it } from "vitest";
import { Timeline } from "../src/index.js";

const RATE = 16_000;
const SECOND = 1_000_000;
const BLOCK = 1600; // 100 ms

/** A timeline that goes on at 100 s, where sample frame 80 s lies, `awayUs` later; and whoever sends to it. */
function resumed(awayUs: number) {
  const timeline = new Timeline({ sampleRate: RATE });
  timeline.resume(80 * RATE, 100 * SECOND);
  let [index, nowUs] = [80 * RATE, 100 * SECOND + awayUs];
  /** `blocks` of audio, one every `everyUs`; how many of them came after a stall. */
  const send = (blocks: number, everyUs: number) => {
    let stalls = 0;
    for (let i = 0; i < blocks; i++) {
      nowUs += everyUs;
      if (timeline.begin(index, nowUs)) stalls++;
      index += BLOCK;
      timeline.end(index, nowUs);
    }
    return stalls;
  };
  const wait = (us: number) => {
    nowUs += us;
  };
  return { timeline, send, wait, endUs: () => timeline.timeOf(index), nowUs: () => nowUs };
}

describe("a timeline that is resumed", () => {
  it("lies where it lay before", () => {
    const { timeline } = resumed(0);
    expect(timeline.timeOf(80 * RATE)).toBe(100 * SECOND);
    expect(timeline.timeOf(0)).toBe(20 * SECOND);
    expect(timeline.settling).toBe(false);
  });

  it.each([1, 30, 3600])(
    "has no stall while a sender that was away for %i s sends what it kept",
    (seconds) => {
      const { timeline, send } = resumed(seconds * SECOND);
      expect(send(seconds * 10, 5000)).toBe(0); // 20 times faster than it plays
      expect(timeline.timeOf(80 * RATE)).toBe(100 * SECOND);
    },
  );

  it("has a stall again when its sender has caught up", () => {
    const { send, wait, timeline } = resumed(30 * SECOND);
    expect(send(400, 5000)).toBe(0);
    expect(send(20, 100_000)).toBe(0);
    wait(15 * SECOND);
    expect(send(1, 100_000)).toBe(1);
    expect(timeline.settling).toBe(true);
  });

  it("does not move for a sender that stays behind", () => {
    const { timeline, send } = resumed(30 * SECOND);
    expect(send(600, 100_000)).toBe(0);
    timeline.refit();
    expect(timeline.timeOf(80 * RATE)).toBe(100 * SECOND);
  });

  it("has no stall while its sender, just short of one, falls behind once more", () => {
    const { send, wait, timeline } = resumed(1.8 * SECOND);
    expect(send(1, 100_000)).toBe(0);
    wait(0.5 * SECOND);
    expect(send(20, 100_000)).toBe(0);
    expect(timeline.timeOf(80 * RATE)).toBe(100 * SECOND);
  });
});

describe("a timeline whose sender is kept waiting", () => {
  it("has no stall for that, and one that comes later", () => {
    const { timeline, send, wait } = resumed(0);
    expect(send(50, 100_000)).toBe(0);
    timeline.excuse();
    wait(10 * SECOND);
    expect(send(110, 5000)).toBe(0);
    wait(5 * SECOND);
    expect(send(1, 100_000)).toBe(1);
  });

  it("has no gap when that is known only behind the stall", () => {
    const { timeline, send, wait } = resumed(0);
    expect(send(50, 100_000)).toBe(0);
    wait(10 * SECOND);
    expect(send(1, 100_000)).toBe(1);
    timeline.excuse();
    expect(timeline.settle()).toBe(0);
    expect(timeline.timeOf(80 * RATE)).toBe(100 * SECOND);
    expect(send(100, 100_000)).toBe(0);
  });
});
