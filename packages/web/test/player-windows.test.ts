import { describe, expect, it } from "vitest";
import { reviewStops, soundAt } from "../src/player/plan/review.js";
import { correct } from "../src/player/plan/sync.js";
import {
  edgeOf,
  formatChanges,
  has,
  isFar,
  planWindow,
  type Stretch,
  union,
} from "../src/player/plan/windows.js";

const S = 1_000_000;
const HOUR = 3600 * S;
const RULES = { longestUs: HOUR, skipUs: 5 * S, cuts: [] };
const local = (from: number, to: number): Stretch => [from * S, to * S, "local"];

describe("planWindow", () => {
  it("begins where it is asked to and is an hour long at most", () => {
    expect(planWindow([local(0, 10_000)], 100 * S, RULES)).toEqual({
      fromUs: 100 * S,
      toUs: 3700 * S,
      skippedUs: 0,
    });
  });

  it("lets short holes be heard and ends before long ones", () => {
    const stretches = [local(0, 10), local(14, 20), local(30, 40)];
    expect(planWindow(stretches, 0, RULES)).toMatchObject({ fromUs: 0, toUs: 20 * S });
    expect(planWindow(stretches, 12 * S, RULES)).toMatchObject({ fromUs: 12 * S, toUs: 20 * S });
    expect(planWindow(stretches, 20 * S, RULES)).toEqual({ fromUs: 30 * S, toUs: 40 * S, skippedUs: 10 * S });
  });

  it("ends at a cut and goes on behind it", () => {
    const rules = { ...RULES, cuts: [15 * S] };
    expect(planWindow([local(0, 40)], 0, rules)).toMatchObject({ toUs: 15 * S });
    expect(planWindow([local(0, 40)], 15 * S, rules)).toMatchObject({ fromUs: 15 * S, toUs: 40 * S });
  });

  it("finds nothing behind the end", () => {
    expect(planWindow([local(0, 40)], 40 * S, RULES)).toBeUndefined();
    expect(planWindow([], 0, RULES)).toBeUndefined();
  });

  it("covers every recorded moment once, window after window", () => {
    const stretches = [local(0, 9000), local(2, 50), local(9003, 9010), local(20_000, 20_030)];
    let us = 0;
    let heard = 0;
    for (let window = planWindow(stretches, us, RULES); window; window = planWindow(stretches, us, RULES)) {
      expect(window.fromUs).toBeGreaterThanOrEqual(us);
      heard += window.toUs - window.fromUs;
      us = window.toUs;
    }
    expect(heard).toBe((9010 + 30) * S);
  });
});

describe("stretches of several devices", () => {
  it("are one list", () => {
    expect(union([local(5, 9), local(0, 6), local(20, 21)], S)).toEqual([
      { fromUs: 0, toUs: 9 * S },
      { fromUs: 20 * S, toUs: 21 * S },
    ]);
  });

  it("tell who has something, what is far, and where recording stands", () => {
    const stretches: Stretch[] = [local(0, 10), [20 * S, 30 * S, "remote"], [40 * S, 50 * S, "recording"]];
    expect(has(stretches, { fromUs: 10 * S, toUs: 20 * S })).toBe(false);
    expect(has(stretches, { fromUs: 9 * S, toUs: 20 * S })).toBe(true);
    expect(isFar(stretches, { fromUs: 0, toUs: 20 * S })).toBe(false);
    expect(isFar(stretches, { fromUs: 0, toUs: 21 * S })).toBe(true);
    expect(edgeOf(stretches)).toBe(50 * S);
    expect(edgeOf([local(0, 10)])).toBeUndefined();
  });

  it("change their format where the segment is another than the one before", () => {
    const format = { sampleRate: 16_000, channels: 1, bitsPerSample: 16 };
    const segments = [
      { ...format, startUs: 0 },
      { ...format, startUs: 10 },
      { ...format, startUs: 20, sampleRate: 48_000 },
      { ...format, startUs: 30, sampleRate: 48_000 },
      { ...format, startUs: 40 },
    ];
    expect(formatChanges(segments)).toEqual([20, 40]);
  });
});

describe("a review", () => {
  const sound = (from: number, to: number) => ({ startUs: from * S, endUs: to * S });

  it("stops at each sound with a second around it, and at close ones together", () => {
    const stops = reviewStops([sound(50, 52), sound(10, 11), sound(12.5, 13)]);
    expect(stops).toEqual([
      { fromUs: 9 * S, toUs: 14 * S, index: 0 },
      { fromUs: 49 * S, toUs: 53 * S, index: 2 },
    ]);
  });

  it("says which sound it is at", () => {
    const sounds = [sound(10, 11), sound(12.5, 13), sound(50, 52)];
    expect([9, 11.4, 11.5, 30, 49, 99].map((s) => soundAt(sounds, s * S))).toEqual([1, 1, 2, 2, 3, 3]);
  });

  it("takes a long sound that holds a short one as it is", () => {
    expect(reviewStops([sound(10, 30), sound(12, 13)])).toEqual([{ fromUs: 9 * S, toUs: 31 * S, index: 0 }]);
  });
});

describe("correct", () => {
  it("leaves what is together", () => {
    expect(correct(0.01)).toEqual({ kind: "none" });
    expect(correct(-0.015)).toEqual({ kind: "none" });
  });

  it("slows down who is ahead, speeds up who is behind, by no more than 6 %", () => {
    expect(correct(0.03)).toEqual({ kind: "rate", factor: 1 - 0.03 });
    expect(correct(-0.03)).toEqual({ kind: "rate", factor: 1 + 0.03 });
    expect(correct(0.2)).toEqual({ kind: "rate", factor: 0.94 });
  });

  it("jumps when it would take too long", () => {
    expect(correct(0.5)).toEqual({ kind: "seek" });
    expect(correct(-3)).toEqual({ kind: "seek" });
  });

  it("settles whatever offset it begins with", () => {
    for (const start of [-0.29, -0.1, 0.05, 0.25]) {
      let ahead = start;
      for (let i = 0; i < 60; i++) {
        const correction = correct(ahead);
        if (correction.kind === "rate") ahead += 0.5 * (correction.factor - 1);
      }
      expect(Math.abs(ahead)).toBeLessThan(0.03);
    }
  });
});
