import type { Gap, Sound } from "@audio/api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  extended,
  grown,
  type Lane,
  neighbour,
  recordedUs,
  whatIsAt,
} from "../../src/pages/day/lanes/lane.js";
import { gapText, linesAt, soundText, summaryOf } from "../../src/pages/day/model/describe.js";

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;

const gap = (startUs: number, endUs: number, rest: Partial<Gap> = {}): Gap => ({
  ...{
    device: "yard",
    startUs,
    endUs,
    lengthUs: endUs - startUs,
    gaps: 1,
    cause: "disconnected",
    filled: false,
  },
  ...rest,
});

const sound = (startUs: number, endUs: number, score = 20): Sound => ({
  ...{ device: "yard", streamId: 1, startUs, endUs, peakDbfs: -30, backgroundDbfs: -60, score },
});

const lane = (parts: Partial<Lane>): Lane => ({
  ...{ device: "yard", label: "Yard", index: 0, stretches: [], gaps: [], sounds: [], pins: [], notes: [] },
  ...parts,
});

describe("what is at a time", () => {
  const yard = lane({
    stretches: [
      [0, 10 * MINUTE, "local"],
      [20 * MINUTE, 30 * MINUTE, "remote"],
    ],
    gaps: [gap(10 * MINUTE, 20 * MINUTE), gap(25 * MINUTE, 25 * MINUTE + 40_000, { cause: "lost-frames" })],
    sounds: [sound(2 * MINUTE, 2 * MINUTE + SECOND), sound(4 * MINUTE, 5 * MINUTE)],
    notes: [
      { id: "1", device: "yard", fromUs: MINUTE, toUs: 3 * MINUTE, text: "owl", author: "ann", createdUs: 0 },
    ],
  });

  it("is the stretch, the gap and the marks there", () => {
    expect(whatIsAt(yard, MINUTE, 0)).toMatchObject({
      where: "local",
      gap: undefined,
      note: { text: "owl" },
    });
    expect(whatIsAt(yard, 15 * MINUTE, 0)).toMatchObject({
      where: undefined,
      gap: { cause: "disconnected" },
    });
    expect(whatIsAt(yard, 22 * MINUTE, 0)).toMatchObject({ where: "remote", gap: undefined });
    expect(whatIsAt(yard, 40 * MINUTE, 0).where).toBeUndefined();
  });

  it("can be met with a pointer though it is narrower than a pixel, and no farther than that", () => {
    const near = 2 * SECOND;
    expect(whatIsAt(yard, 25 * MINUTE - SECOND, near).gap?.cause).toBe("lost-frames");
    expect(whatIsAt(yard, 25 * MINUTE - 3 * SECOND, near).gap).toBeUndefined();
    expect(whatIsAt(yard, 2 * MINUTE + 2 * SECOND, near).sound?.startUs).toBe(2 * MINUTE);
  });

  it("is the shortest of those that hold it", () => {
    const both = lane({ gaps: [gap(0, 10 * MINUTE), gap(MINUTE, 2 * MINUTE, { cause: "overload" })] });
    expect(whatIsAt(both, 1.5 * MINUTE, 0).gap?.cause).toBe("overload");
  });

  it("has words", () => {
    const at = (us: number) => ({ ...whatIsAt(yard, us, 0), device: "yard", us, level: undefined });
    expect(linesAt(at(15 * MINUTE), "UTC")).toEqual([
      "Missing 00:10:00–00:20:00 (10\u00a0min): the device was not connected",
    ]);
    expect(linesAt({ ...at(MINUTE), level: { peak: -20, rms: -43.5 } }, "UTC")).toEqual([
      "RMS −43.5\u00a0dBFS, peak −20.0\u00a0dBFS",
      "recorded",
      "ann: owl",
    ]);
    expect(linesAt(at(40 * MINUTE), "UTC")).toEqual(["not recorded"]);
    expect(
      gapText(gap(0, SECOND, { gaps: 3, lengthUs: SECOND / 2, filled: true, cause: "lost-frames" }), "UTC"),
    ).toBe(
      "Missing 00:00:00.000–00:00:01.000 (1\u00a0s): 3 times, 0.5\u00a0s in all: it was lost on the way; silence stands in its place",
    );
    expect(soundText(sound(0, 20 * SECOND, 21.4), "UTC")).toContain("21 dB above the background");
    expect(summaryOf(yard, { fromUs: 0, toUs: 60 * MINUTE })).toBe(
      "20\u00a0min recorded, 2 gaps, 2 sound events",
    );
  });
});

describe("the next and the previous sound", () => {
  const sounds = [sound(10, 20), sound(30, 40), sound(50, 60)];
  it("begin after and before a time; there may be none", () => {
    expect(neighbour(sounds, 0, "previous")).toBeUndefined();
    expect(neighbour(sounds, 0, "next")?.startUs).toBe(10);
    expect(neighbour(sounds, 30, "next")?.startUs).toBe(50);
    expect(neighbour(sounds, 30, "previous")?.startUs).toBe(10);
    expect(neighbour(sounds, 99, "previous")?.startUs).toBe(50);
    expect(neighbour(sounds, 99, "next")).toBeUndefined();
    expect(neighbour([], 99, "previous")).toBeUndefined();
  });
});

describe("a lane that is being recorded", () => {
  it("grows second by second, and begins anew after a hole", () => {
    let heard = grown([], 10 * SECOND);
    for (const end of [11, 12, 12, 11, 13, 30, 31]) heard = grown(heard, end * SECOND);
    expect(heard).toEqual([
      { fromUs: 9 * SECOND, toUs: 13 * SECOND },
      { fromUs: 29 * SECOND, toUs: 31 * SECOND },
    ]);
  });

  it("goes on where the catalogue ends, and keeps nothing that the catalogue has meanwhile", () => {
    const heard = [{ fromUs: 9 * SECOND, toUs: 13 * SECOND }];
    expect(extended([[0, 10 * SECOND, "local"]], heard)).toEqual([[0, 13 * SECOND, "recording"]]);
    expect(extended([[0, 20 * SECOND, "local"]], heard)).toEqual([[0, 20 * SECOND, "local"]]);
    expect(extended([], heard)).toEqual([[9 * SECOND, 13 * SECOND, "recording"]]);
  });

  it("does not collect pieces for ever", () => {
    let heard: ReturnType<typeof grown> = [];
    for (let i = 1; i < 200; i++) heard = grown(heard, i * 60 * SECOND);
    expect(heard.length).toBeLessThanOrEqual(20);
    expect(heard.at(-1)?.toUs).toBe(199 * 60 * SECOND);
  });

  it("knows how much of a stretch is recorded", () => {
    const span = fc
      .tuple(fc.nat(1000), fc.nat(1000))
      .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    fc.assert(
      fc.property(span, span, ([from, to], [low, high]) => {
        const one = lane({ stretches: [[from, to, "local"]] });
        const all = recordedUs(one, 0, 1000);
        expect(all).toBe(to - from);
        const parts = recordedUs(one, 0, low) + recordedUs(one, low, high) + recordedUs(one, high, 1000);
        expect(parts).toBe(all);
      }),
    );
  });
});
