import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GapEvent } from "../src/events.js";
import { dayOf, daysOf, formatGapLine, gapRecord, parseGapLine } from "../src/gaps/gap-record.js";
import { MONO_16 } from "./support/studio.js";

const MIDNIGHT_US = Date.UTC(2026, 10, 22) * 1000;
const DAY_US = 86_400_000_000;

function gap(startUs: number, samples: number, sampleRate = 16_000): GapEvent {
  const stream = { ...MONO_16, sampleRate };
  return { stream, startUs, samples, cause: "lost-frames", filled: true };
}

describe("a gap in the ledger", () => {
  it("tells device, place, length, cause and whether silence fills it", () => {
    expect(gapRecord(gap(MIDNIGHT_US, 8000))).toEqual({
      device: "mic",
      source: "websocket",
      streamId: 7,
      startUs: MIDNIGHT_US,
      endUs: MIDNIGHT_US + 500_000,
      lengthUs: 500_000,
      samples: 8000,
      sampleRate: 16_000,
      cause: "lost-frames",
      filled: true,
      gaps: 1,
    });
  });

  it("is split at midnight, UTC", () => {
    const days = [...daysOf(gapRecord(gap(MIDNIGHT_US - 1_000_000, 48_000)))];
    expect(days.map(({ day, part }) => [day, part.startUs - MIDNIGHT_US, part.samples])).toEqual([
      ["2026-11-21", -1_000_000, 16_000],
      ["2026-11-22", 0, 32_000],
    ]);
    expect(days[1].whole).toMatchObject({ startUs: MIDNIGHT_US - 1_000_000, samples: 48_000 });
  });

  it("is not split when it ends or begins there", () => {
    for (const startUs of [MIDNIGHT_US, MIDNIGHT_US - 1_000_000])
      expect([...daysOf(gapRecord(gap(startUs, 16_000)))]).toHaveLength(1);
  });

  it("has parts that add up to it, and lines that give it back", () => {
    const gaps = fc.record({
      startUs: fc.integer({ min: 0, max: 4e15 }),
      samples: fc.integer({ min: 1, max: 1e10 }),
      sampleRate: fc.constantFrom(1000, 11_025, 16_000, 384_000),
    });
    fc.assert(
      fc.property(gaps, ({ startUs, samples, sampleRate }) => {
        const whole = gapRecord(gap(startUs, samples, sampleRate));
        const days = [...daysOf(whole)];
        fc.pre(days.length < 400);
        expect(days.reduce((sum, { part }) => sum + part.samples, 0)).toBe(samples);
        expect(days.reduce((sum, { part }) => sum + part.lengthUs, 0)).toBe(whole.lengthUs);
        for (const { day, part } of days) {
          expect(dayOf(part.startUs)).toBe(day);
          expect(dayOf(Math.max(part.startUs, part.endUs - 1))).toBe(day);
          const line = formatGapLine({ part, whole });
          expect(line.endsWith("\n")).toBe(true);
          expect(parseGapLine(line)).toEqual({ part, whole });
        }
      }),
    );
  });

  it("of an absurd time stands in a day that exists, and never in more than 400", () => {
    for (const startUs of [Number.NaN, -1e18, -1, 0, 1e18, Number.POSITIVE_INFINITY]) {
      const days = [...daysOf(gapRecord(gap(startUs, 1000 * DAY_US)))];
      expect(days.length).toBeLessThanOrEqual(400);
      for (const { day } of days) expect(day).toMatch(/^\d{4}-\d\d-\d\d$/);
    }
    const fifty = gapRecord(gap(0, 50 * 365 * 86_400 * 1000, 1000));
    const [first, ...others] = daysOf(fifty);
    expect(first.whole.lengthUs).toBe(50 * 365 * DAY_US);
    expect(others).toHaveLength(399);
  });
});

describe("a line that is no gap", () => {
  const line = JSON.parse(formatGapLine({ part: gapRecord(gap(0, 1)), whole: gapRecord(gap(0, 1)) }));
  const good = JSON.stringify({ ...line, of: undefined });

  it.each([
    "",
    "null",
    "[]",
    "7",
    good.slice(0, -5),
    JSON.stringify({ ...line, startUs: "0" }),
    JSON.stringify({ ...line, cause: "gremlins" }),
    JSON.stringify({ ...line, source: undefined }),
    JSON.stringify({ ...line, device: 7 }),
    JSON.stringify({ ...line, filled: 1 }),
    JSON.stringify({ ...line, of: null }),
    JSON.stringify({ ...line, of: { startUs: 0 } }),
  ])("is refused: %s", (text) => {
    expect(parseGapLine(good)).toBeDefined();
    expect(parseGapLine(text)).toBeUndefined();
  });

  it("never throws, whatever stands there", () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void parseGapLine(text)));
  });
});
