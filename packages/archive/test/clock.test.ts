import { describe, expect, it } from "vitest";
import { type Clock, systemClock, WallClock } from "../src/clock.js";

class TestClock implements Clock {
  nowUs = 5_000_000;
  wallAheadUs = 1_700_000_000_000_000;
  monotonicUs = () => this.nowUs;
  wallUs = () => this.nowUs + this.wallAheadUs;
}

describe("WallClock", () => {
  it("turns monotonic times into UTC, whole microseconds", () => {
    const wall = new WallClock(new TestClock());
    expect(wall.toUtc(5_000_000)).toBe(1_700_000_005_000_000);
    expect(wall.toUtc(1.75)).toBe(1_700_000_000_000_002);
  });

  it("does not tremble with a wall clock that tells whole milliseconds", () => {
    const clock = new TestClock();
    clock.wallUs = () => Math.floor((clock.nowUs + clock.wallAheadUs) / 1000) * 1000;
    const wall = new WallClock(clock);
    const before = wall.toUtc(0);
    for (let i = 0; i < 1000; i++) {
      clock.nowUs += 777;
      expect(wall.toUtc(0)).toBe(before);
    }
  });

  it("follows when somebody sets the clock, forth or back", () => {
    const clock = new TestClock();
    const wall = new WallClock(clock);
    clock.wallAheadUs += 3_600_000_000;
    expect(wall.toUtc(0)).toBe(1_700_003_600_000_000);
    clock.wallAheadUs -= 7_200_000_000;
    expect(wall.toUtc(0)).toBe(1_699_996_400_000_000);
  });

  it("follows slow changes before they grow", () => {
    const clock = new TestClock();
    const wall = new WallClock(clock);
    for (let i = 0; i < 10_000; i++) {
      clock.wallAheadUs += 100;
      expect(Math.abs(wall.toUtc(0) - clock.wallAheadUs)).toBeLessThanOrEqual(20_000);
    }
  });
});

it("has system clocks in microseconds", () => {
  expect(Math.abs(systemClock.wallUs() / 1000 - Date.now())).toBeLessThan(1000);
  const before = systemClock.monotonicUs();
  expect(systemClock.monotonicUs()).toBeGreaterThanOrEqual(before);
});
