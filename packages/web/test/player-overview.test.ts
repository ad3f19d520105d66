import { describe, expect, it } from "vitest";
import { heightsOf, overviewSpan } from "../src/player/bar/overview-span.js";
import { nearest } from "../src/player/plan/nearest.js";

const at = (time: string) => Date.parse(`2026-11-17T${time}Z`) * 1000;

describe("the overview", () => {
  it("shows the hour of the receiver's clock", () => {
    expect(overviewSpan(at("03:17:05"), undefined, "UTC")).toEqual({
      fromUs: at("03:00:00"),
      toUs: at("04:00:00"),
    });
    const india = overviewSpan(at("03:17:05"), undefined, "Asia/Kolkata"); // 08:47 there
    expect(india).toEqual({ fromUs: at("02:30:00"), toUs: at("03:30:00") });
  });

  it("shows a selection or a review as a whole", () => {
    const extent = { fromUs: 5, toUs: 9 };
    expect(overviewSpan(7, extent, "UTC")).toEqual(extent);
  });

  it("is as high as the loudest of the devices, and empty where nothing was recorded", () => {
    const heights = heightsOf([Uint8Array.of(240, 255, 0, 96), Uint8Array.of(96, 255, 255, 168)]);
    expect([...heights].map((height) => Math.round(height * 100))).toEqual([100, 0, 4, 50]);
  });
});

describe("the next sound", () => {
  const S = 1_000_000;
  const sounds = [10, 20, 30].map((s) => ({ startUs: s * S, endUs: (s + 1) * S }));

  it("is the one after the playhead, which stands a second before the one that is heard", () => {
    expect(nearest(sounds, 5 * S, 1)).toBe(10 * S);
    expect(nearest(sounds, 9 * S, 1)).toBe(20 * S); // where the sound at 10 s begins to be heard
    expect(nearest(sounds, 35 * S, 1)).toBeUndefined();
  });

  it("is the one before; who goes back again soon means the one before that", () => {
    expect(nearest(sounds, 25 * S, -1)).toBe(20 * S);
    expect(nearest(sounds, 19.5 * S, -1)).toBe(10 * S);
    expect(nearest(sounds, 9.5 * S, -1)).toBeUndefined();
  });
});
