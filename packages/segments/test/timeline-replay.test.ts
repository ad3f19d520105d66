import fc from "fast-check";
import { expect, it } from "vitest";
import { Timeline } from "../src/index.js";

const RATE = 16_000;
const SECOND = 1_000_000;

/** Receives `seconds` of audio in blocks, each `pace` times as fast as it plays; calls refit whenever it may. */
function replay(
  timeline: Timeline,
  seconds: number,
  blockSeconds: number,
  pace: () => number,
): { index: number; nowUs: number } {
  let nowUs = 5_000_000;
  let index = 0;
  while (index < seconds * RATE) {
    if (timeline.begin(index, nowUs)) throw new Error(`stalled at sample frame ${index}`);
    index += Math.max(1, Math.round(blockSeconds * RATE));
    timeline.end(index, nowUs);
    timeline.refit();
    nowUs += (blockSeconds * SECOND) / pace();
  }
  return { index, nowUs };
}

it("puts a file that is replayed faster than real time on the axis of its own samples", () => {
  const paces = fc.array(fc.double({ min: 1.5, max: 500, noNaN: true }), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(paces, fc.double({ min: 0.02, max: 3, noNaN: true }), (all, blockSeconds) => {
      const timeline = new Timeline({ sampleRate: RATE });
      let block = 0;
      const { index } = replay(timeline, 300, blockSeconds, () => all[block++ % all.length]);
      for (const at of [0, 1, 160_000, index]) {
        expect(timeline.timeOf(at)).toBeCloseTo(5_000_000 + (at * SECOND) / RATE, 3);
      }
      expect(timeline.driftPpm).toBeUndefined();
      expect(timeline.settling).toBe(false);
    }),
  );
});

it.each([1.06, 1.2, 1.9])(
  "takes a file that is replayed %f times as fast as it plays for no live device",
  (pace) => {
    const timeline = new Timeline({ sampleRate: RATE });
    const { index } = replay(timeline, 600, 0.1, () => pace);
    expect(timeline.timeOf(index)).toBeCloseTo(5_000_000 + (index * SECOND) / RATE, 3);
  },
);

it("moves nothing when a replayed file comes in a hurry, waits, and hurries again", () => {
  const timeline = new Timeline({ sampleRate: RATE });
  let nowUs = 0;
  for (let second = 0; second < 3600; second++) {
    // A minute of audio at once, then nothing for half a minute: twice the pace of the audio.
    if (second % 60 === 0) nowUs += 30 * SECOND;
    expect(timeline.begin(second * RATE, nowUs)).toBe(false);
    timeline.end((second + 1) * RATE, nowUs);
    timeline.refit();
  }
  expect(timeline.timeOf(0)).toBe(30 * SECOND);
});

it("comes to the clock when a device that first sent what it had stored goes on live", () => {
  const timeline = new Timeline({ sampleRate: RATE });
  const { index, nowUs } = replay(timeline, 60, 0.1, () => 20);
  const aheadUs = timeline.timeOf(index) - nowUs;
  expect(aheadUs).toBeGreaterThan(50 * SECOND);
  for (let block = 0; block < 600; block++) {
    const at = index + block * 1600;
    expect(timeline.begin(at, nowUs + (block + 1) * 100_000)).toBe(false);
    timeline.end(at + 1600, nowUs + (block + 1) * 100_000);
    if (block % 100 === 99) timeline.refit();
  }
  expect(timeline.timeOf(index + 600 * 1600)).toBeCloseTo(nowUs + 60 * SECOND, -5);
});
