import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CutRule, segmentSampleFrames, TimeZone } from "../src/index.js";

// 2026-11-21T21:01:02.123456Z
const START_US = 1_795_294_862_123_456;
const MAX_RIFF_BYTES = 0xffff_ffff;

const rule = (changes: Partial<CutRule> = {}): CutRule => ({
  sampleRate: 16_000,
  bytesPerSampleFrame: 2,
  segmentSeconds: 10,
  align: "start",
  ...changes,
});

const rules = (align: CutRule["align"]): fc.Arbitrary<CutRule> =>
  fc.record({
    sampleRate: fc.oneof(
      fc.constantFrom(8000, 11_025, 16_000, 44_100, 48_000, 384_000),
      fc.integer({ min: 1000, max: 384_000 }),
    ),
    bytesPerSampleFrame: fc.integer({ min: 2, max: 32 }),
    segmentSeconds: fc.oneof(
      fc.constantFrom(0.1, 0.5, 1, 5, 10, 60, 600, 3600),
      fc.integer({ min: 1, max: 3600 }),
    ),
    align: fc.constant(align),
  });
const starts = fc.integer({ min: 0, max: 4_000_000_000_000_000 });

describe("align: start", () => {
  it.each([
    [10, 16_000, 160_000],
    [600, 16_000, 9_600_000],
    [0.5, 44_100, 22_050],
    [1 / 3, 16_000, 5333],
    [0.000_001, 16_000, 1], // never empty
  ])("%f s at %i Hz are %i sample frames", (segmentSeconds, sampleRate, expected) => {
    expect(segmentSampleFrames(rule({ segmentSeconds, sampleRate }), START_US, 0)).toBe(expected);
  });

  it("does not depend on when the segment begins", () => {
    fc.assert(
      fc.property(rules("start"), starts, fc.integer({ min: -12, max: 14 }), (cut, startUs, hours) => {
        const expected = segmentSampleFrames(cut, START_US, 0);
        expect(segmentSampleFrames(cut, startUs, hours * 3_600_000_000)).toBe(expected);
      }),
    );
  });
});

describe("any alignment", () => {
  it("keeps header, audio and a megabyte of metadata within what RIFF can count", () => {
    const anyRule = fc.tuple(
      rules("start"),
      fc.constantFrom("start", "clock"),
      fc.integer({ min: 1, max: 10_000_000 }),
    );
    fc.assert(
      fc.property(anyRule, starts, ([base, align, segmentSeconds], startUs) => {
        const cut = { ...base, align, segmentSeconds } as CutRule;
        const length = segmentSampleFrames(cut, startUs, 0);
        expect(Number.isInteger(length)).toBe(true);
        expect(length).toBeGreaterThanOrEqual(1);
        expect(length * cut.bytesPerSampleFrame + 44 + 1_048_576).toBeLessThanOrEqual(MAX_RIFF_BYTES);
      }),
    );
  });

  it("uses nearly all of the 4 GiB before it cuts early", () => {
    const day = rule({ sampleRate: 384_000, bytesPerSampleFrame: 32, segmentSeconds: 86_400 });
    expect(segmentSampleFrames(day, START_US, 0) * 32).toBeGreaterThan(MAX_RIFF_BYTES - 2_000_000);
  });
});

describe("align: clock", () => {
  // In units of 1 µs / rate, exactly: how far behind a round local time the segment ends.
  function behindRoundTime(cut: CutRule, localUs: number, length: number): bigint {
    const rate = BigInt(cut.sampleRate);
    const period = BigInt(Math.round(cut.segmentSeconds * 1_000_000)) * rate;
    return (BigInt(localUs) * rate + BigInt(length) * 1_000_000n) % period;
  }

  it("ends on a round time or less than a sample frame after it, never before, and makes no crumbs", () => {
    fc.assert(
      fc.property(rules("clock"), starts, (cut, startUs) => {
        const length = segmentSampleFrames(cut, startUs, 0);
        fc.pre((length + 1) * cut.bytesPerSampleFrame < MAX_RIFF_BYTES - 2_000_000);
        expect(behindRoundTime(cut, startUs, length)).toBeLessThan(1_000_000n);
        const shortest = Math.min(1, cut.segmentSeconds / 10);
        expect(length / cut.sampleRate).toBeGreaterThanOrEqual(shortest);
        expect(length / cut.sampleRate).toBeLessThan(cut.segmentSeconds + shortest + 2 / cut.sampleRate);
      }),
      { numRuns: 1000 },
    );
  });

  it("gives a segment that begins on a round time its nominal length", () => {
    const onTheMinute = Math.floor(START_US / 60_000_000) * 60_000_000;
    expect(segmentSampleFrames(rule({ align: "clock" }), onTheMinute, 0)).toBe(160_000);
  });

  it("counts in local time where the zone is 45 minutes off", () => {
    const zone = new TimeZone("Asia/Kathmandu");
    const startUs = Date.UTC(2026, 10, 21, 9, 55) * 1000; // 15:40 there
    const hourly = rule({ align: "clock", segmentSeconds: 3600 });
    expect(segmentSampleFrames(hourly, startUs, zone.offsetUs(startUs))).toBe(20 * 60 * 16_000);
  });

  it("stays on round times when summer time ends", () => {
    const zone = new TimeZone("Europe/Vienna");
    let startUs = Date.UTC(2026, 9, 24, 23, 50, 3) * 1000; // 01:50:03, an hour and ten before the first 3:00
    const names: string[] = [];
    for (let i = 0; i < 8; i++) {
      const { hour, minute, second } = zone.local(startUs);
      names.push([hour, minute, second].join(":"));
      const cut = rule({ align: "clock", segmentSeconds: 1800 });
      startUs += (segmentSampleFrames(cut, startUs, zone.offsetUs(startUs)) / 16_000) * 1_000_000;
    }
    expect(names).toEqual(["1:50:3", "2:0:0", "2:30:0", "2:0:0", "2:30:0", "3:0:0", "3:30:0", "4:0:0"]);
  });
});
