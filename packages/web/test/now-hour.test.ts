import { describe, expect, it } from "vitest";
import { Hour, hourBefore, POINT_US, POINTS } from "../src/pages/now/hour.js";
import { NOTHING } from "../src/parts/loudness.js";

const START = 1_000_000 * POINT_US;

describe("the last hour", () => {
  it("keeps the loudest moment of each half minute", () => {
    const hour = new Hour();
    expect(hour.put(START, 100)).toBe(true);
    expect(hour.put(START + 1, 90)).toBe(false);
    expect(hour.put(START + POINT_US - 1, 120)).toBe(true);
    expect(hour.peaks.at(-1)).toBe(120);
    hour.put(START + 2 * POINT_US, 80);
    expect([...hour.peaks.slice(-3)]).toEqual([120, NOTHING, 80]);
  });

  it("takes what comes late, forgets what is older, and never goes back", () => {
    const hour = new Hour();
    hour.put(START, 100);
    expect(hour.put(START - POINT_US, 70)).toBe(true);
    expect(hour.put(START - POINTS * POINT_US, 70)).toBe(false);
    expect(hour.moveTo(START - POINT_US)).toBe(false);
    expect([...hour.peaks.slice(-2)]).toEqual([70, 100]);
    hour.moveTo(START + 10 * POINTS * POINT_US);
    expect(hour.peaks.every((peak) => peak === NOTHING)).toBe(true);
  });

  it("does not take nothing for silence", () => {
    const hour = new Hour();
    hour.put(START, 50);
    expect(hour.put(START, NOTHING)).toBe(false);
    expect(hour.peaks.at(-1)).toBe(50);
  });

  it("asks for whole half minutes, this one last", () => {
    const { fromUs, toUs } = hourBefore(START + 5);
    expect(toUs).toBe(START + POINT_US);
    expect(toUs - fromUs).toBe(POINTS * POINT_US);
  });
});
