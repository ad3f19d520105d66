import { describe, expect, test } from "vitest";
import { backoffMs, FIRST_CONNECTION, RECONNECTION } from "../src/backoff.js";
import { Pacer, Schedule } from "../src/pacing.js";
import { FakeClock } from "./support/fake-clock.js";

/** Plays `frames` frames of 20 ms from `startMs` and notes when each was released. */
async function play(pacer: Pacer, clock: FakeClock, startMs: number, frames: number): Promise<number[]> {
  const schedule = new Schedule(startMs, 16_000);
  const releasedMs: number[] = [];
  for (let frame = 1; frame <= frames; frame++) {
    await pacer.until(schedule.dueMs(frame * 320));
    releasedMs.push(clock.monotonicMs());
  }
  return releasedMs;
}

describe("Pacer", () => {
  test("releases a frame when its last sample is due, never before, without drift", async () => {
    const clock = new FakeClock();
    const playing = play(new Pacer(clock), clock, 0, 500);
    await clock.advance(10_100);
    const released = await playing;
    released.forEach((atMs, index) => {
      const dueMs = (index + 1) * 20;
      expect(atMs).toBeGreaterThanOrEqual(dueMs);
      expect(atMs).toBeLessThanOrEqual(dueMs + 6);
    });
  });

  test("many streams share one timer and its wake-ups", async () => {
    const clock = new FakeClock();
    const pacer = new Pacer(clock);
    const streams = Array.from({ length: 100 }, (_, index) => play(pacer, clock, (index * 7) % 20, 50));
    expect(clock.timersSet).toBe(1);
    await clock.advance(1_100);
    await Promise.all(streams);
    expect(clock.timersSet).toBe(0);
    // 1020 ms in ticks of 5 ms, and a few settings anew when an earlier stream came; 5000 would be one per frame.
    expect(clock.armed).toBeLessThan(250);
  });

  test("close leaves no timer", () => {
    const clock = new FakeClock();
    const pacer = new Pacer(clock);
    void pacer.until(100);
    pacer.close();
    expect(clock.timersSet).toBe(0);
  });
});

test("Schedule counts from the start, not from the last frame", () => {
  const schedule = new Schedule(1_000, 44_100);
  expect(schedule.dueMs(44_100 * 3_600)).toBe(1_000 + 3_600_000);
  expect(schedule.elapsed(1_000 + 3_600_000)).toBe(44_100 * 3_600);
  expect(schedule.elapsed(1_000)).toBe(0);
});

describe("backoffMs", () => {
  test("doubles up to the cap, with the upper half random", () => {
    expect([0, 1, 2, 6, 7, 100].map((attempt) => backoffMs(attempt, RECONNECTION, 1))).toEqual([
      250, 500, 1_000, 16_000, 30_000, 30_000,
    ]);
    expect(backoffMs(100, RECONNECTION, 0)).toBe(15_000);
    expect(backoffMs(100, FIRST_CONNECTION, 1)).toBe(500);
  });
});
