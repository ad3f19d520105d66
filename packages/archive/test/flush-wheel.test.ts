import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FlushWheel } from "../src/recording/flush-wheel.js";

describe("FlushWheel", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("calls each recording at least once a second, and the calls are spread", () => {
    const wheel = new FlushWheel(() => Date.now() * 1000);
    const calls = Array.from({ length: 1000 }, () => [] as number[]);
    for (const times of calls) wheel.add({ flush: (nowUs) => times.push(nowUs) });
    const begin = Date.now() * 1000;
    const perTick: number[] = [];
    for (let tick = 0; tick < 100; tick++) {
      const before = calls.reduce((sum, times) => sum + times.length, 0);
      vi.advanceTimersByTime(100);
      perTick.push(calls.reduce((sum, times) => sum + times.length, 0) - before);
    }
    for (const times of calls) {
      expect(Math.max(...[begin, ...times].map((us, i) => (times[i] ?? us) - us))).toBeLessThanOrEqual(
        1_000_000,
      );
      expect(times.length).toBeGreaterThanOrEqual(10);
    }
    expect(Math.max(...perTick)).toBeLessThan(200);
    wheel.stop();
  });

  it("forgets who is removed, and all when stopped", () => {
    const wheel = new FlushWheel(() => 0);
    const flushed: string[] = [];
    const first = { flush: () => flushed.push("first") };
    wheel.add(first);
    wheel.add({ flush: () => flushed.push("second") });
    wheel.remove(first);
    wheel.remove(first);
    vi.advanceTimersByTime(900);
    expect(flushed).toEqual(["second"]);
    wheel.stop();
    vi.advanceTimersByTime(5000);
    expect(flushed).toEqual(["second"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("lets a recording end itself while it is flushed", () => {
    const wheel = new FlushWheel(() => 0);
    let flushes = 0;
    const recording = {
      flush: () => {
        flushes++;
        wheel.remove(recording);
      },
    };
    wheel.add(recording);
    vi.advanceTimersByTime(3000);
    expect(flushes).toBe(1);
    wheel.stop();
  });
});
