import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Segment } from "../src/catalogue/segment.js";
import { planRange, type RangePlan } from "../src/playback/plan.js";
import { EVENING, type Run, runsOf, SECOND, segment, streams } from "./support/segments.js";

type Gaps = RangePlan["gaps"];
const DAY = 86_400 * SECOND;
const WIDE = { fromUs: EVENING - DAY, toUs: EVENING + DAY };
const range = (from: number, to: number, gaps: Gaps = "silence") => ({
  fromUs: EVENING + from * SECOND,
  toUs: EVENING + to * SECOND,
  gaps,
});
const planned = (segments: Segment[], from: number, to: number, gaps: Gaps = "silence"): Run[] =>
  runsOf(planRange(segments, range(from, to, gaps)));

/** Where the segments of a stream begin and end, and places anywhere. */
const cutsOf = (segments: Segment[]) =>
  fc.oneof(
    fc.constantFrom(...segments.flatMap(({ startUs, endUs }) => [startUs, startUs - 1, endUs, endUs + 1])),
    fc.integer({ min: EVENING - 3 * SECOND, max: EVENING + 300 * SECOND }),
  );

const cutStreams = streams.chain((segments) =>
  fc.tuple(
    fc.constant(segments),
    fc.array(cutsOf(segments), { minLength: 2, maxLength: 6 }).map((cuts) => cuts.sort((a, b) => a - b)),
    fc.constantFrom<Gaps>("silence", "cut"),
  ),
);

describe("a plan of any stream", () => {
  it("plays every sample once, in order, when all of it is asked for", () => {
    fc.assert(
      fc.property(streams, (segments) => {
        const plan = planRange([...segments].reverse(), { ...WIDE, gaps: "cut" });
        expect(runsOf(plan)).toEqual(segments.map(({ stem, samples }) => [stem, 0, samples]));
      }),
    );
  });

  it("consists of pieces that tile it", () => {
    fc.assert(
      fc.property(cutStreams, ([segments, cuts, gaps]) => {
        const [fromUs, toUs] = [cuts[0], cuts[cuts.length - 1] + 1];
        const plan = planRange(segments, { fromUs, toUs, gaps });
        let at = 0;
        for (const piece of plan?.pieces ?? []) {
          expect(piece.at).toBe(at);
          expect(piece.samples).toBeGreaterThan(0);
          at += piece.samples;
        }
        expect(plan?.samples ?? 0).toBe(at);
      }),
    );
  });

  it("is the same audio, cut wherever", () => {
    fc.assert(
      fc.property(cutStreams, ([segments, cuts, gaps]) => {
        const distinct = [...new Set(cuts)];
        fc.pre(distinct.length > 1);
        const parts = distinct
          .slice(1)
          .map((toUs, i) => planRange(segments, { fromUs: distinct[i], toUs, gaps }));
        fc.pre(parts.every((part) => part !== undefined));
        const whole = planRange(segments, { fromUs: distinct[0], toUs: distinct[distinct.length - 1], gaps });
        expect(runsOf(...parts)).toEqual(runsOf(whole));
      }),
    );
  });

  it("needs of the segments only those that come within a second of the range", () => {
    fc.assert(
      fc.property(cutStreams, ([segments, cuts, gaps]) => {
        const query = { fromUs: cuts[0], toUs: cuts[1] + 1, gaps };
        const near = segments.filter(
          ({ startUs, endUs }) => startUs < query.toUs + SECOND && endUs + SECOND > query.fromUs - SECOND,
        );
        expect(runsOf(planRange(near, query))).toEqual(runsOf(planRange(segments, query)));
      }),
    );
  });
});

describe("where a plan begins and ends", () => {
  const two = [segment({ stem: "a" }), segment({ stem: "b", startUs: EVENING + 10 * SECOND })];

  it("is the nearest sample", () => {
    expect(planned(two, 2.5, 2.5 + 1 / 8000)).toEqual([["a", 20_000, 1]]);
    expect(planned(two, 9.999, 10.001)).toEqual([
      ["a", 79_992, 8],
      ["b", 0, 8],
    ]);
    const rounded = planRange(two, { fromUs: EVENING + 62, toUs: EVENING + 63, gaps: "silence" });
    expect(rounded?.samples ?? 0).toBeLessThanOrEqual(1);
  });

  it("is silence or nothing, where nothing was recorded", () => {
    expect(planned(two, -3, 25)).toEqual([
      ["", 0, 24_000],
      ["a", 0, 80_000],
      ["b", 0, 80_000],
      ["", 0, 40_000],
    ]);
    expect(planned(two, -3, 25, "cut")).toEqual([
      ["a", 0, 80_000],
      ["b", 0, 80_000],
    ]);
    const plan = planRange(two, range(-3, 25, "cut"));
    expect(plan?.missing).toEqual({ ranges: 2, samples: 64_000 });
  });

  it("knows that there is no audio", () => {
    expect(planRange([], range(0, 1))).toBeUndefined();
    expect(planRange(two, range(20, 30))).toBeUndefined();
    expect(planRange(two, { ...range(0, 20), streamId: 7 })).toBeUndefined();
    expect(planRange([segment({ samples: 0 })], range(0, 1))).toBeUndefined();
  });

  it("says the time of each piece", () => {
    const plan = planRange(two, range(5, 15));
    const seconds = plan?.pieces.map(({ startUs }) => (startUs - EVENING) / SECOND);
    expect(seconds).toEqual([expect.closeTo(5, 4), expect.closeTo(10, 4)]);
  });

  it("must be in order", () => {
    expect(() => planRange(two, range(5, 5))).toThrow(RangeError);
    expect(() => planRange(two, { fromUs: Number.NaN, toUs: 1, gaps: "cut" })).toThrow(
      /beginning before its end/,
    );
  });
});

describe("what is missing", () => {
  it("is silence of the right length, or is cut", () => {
    const apart = [segment({ stem: "a" }), segment({ stem: "b", startUs: EVENING + 13 * SECOND })];
    expect(planned(apart, 0, 23)).toEqual([
      ["a", 0, 80_000],
      ["", 0, 24_000],
      ["b", 0, 80_000],
    ]);
    expect(planned(apart, 0, 23, "cut")).toEqual([
      ["a", 0, 80_000],
      ["b", 0, 80_000],
    ]);
  });

  it("is not what clocks disagree about", () => {
    for (const seconds of [9.2, 9.95, 10.05, 10.9]) {
      const joined = [segment({ stem: "a" }), segment({ stem: "b", startUs: EVENING + seconds * SECOND })];
      expect(planned(joined, 0, seconds + 10)).toEqual([
        ["a", 0, 80_000],
        ["b", 0, 80_000],
      ]);
    }
  });

  it("is also what is short but known", () => {
    const startUs = EVENING + 10.02 * SECOND;
    const gap = {
      startUs: EVENING + 10 * SECOND,
      samples: 160,
      cause: "lost-frames",
      filled: false,
    } as const;
    const both = [segment({ stem: "a" }), segment({ stem: "b", startUs, gaps: [gap] })];
    expect(planned(both, 0, 20.02)).toEqual([
      ["a", 0, 80_000],
      ["", 0, 160],
      ["b", 0, 80_000],
    ]);
  });

  it("may lie within a file that leaves it out", () => {
    const gap = {
      startUs: EVENING + 4 * SECOND,
      samples: 8000,
      cause: "lost-frames",
      filled: false,
    } as const;
    const one = [segment({ stem: "a", gaps: [{ ...gap, filled: true, startUs: EVENING + SECOND }, gap] })];
    expect(planned(one, 0, 11)).toEqual([
      ["a", 0, 32_000],
      ["", 0, 8000],
      ["a", 32_000, 48_000],
    ]);
    expect(planned(one, 0, 11, "cut")).toEqual([["a", 0, 80_000]]);
    expect(planned(one, 6, 7)).toEqual([["a", 40_000, 8000]]);
  });

  it("is not believed when it is nonsense", () => {
    const cause = "lost-frames";
    const gaps = [{ startUs: EVENING + SECOND, samples: 2 ** 53 - 1, cause, filled: false }] as const;
    expect(planned([segment({ stem: "a", gaps })], 0, 10)).toEqual([["a", 0, 80_000]]);
  });
});

describe("segments at the same time", () => {
  it("of one stream are played in the order of their starts, each second once", () => {
    const first = segment({ stem: "a" });
    const again = segment({ stem: "b", startUs: EVENING + 4 * SECOND });
    const within = segment({ stem: "c", startUs: EVENING + 5 * SECOND, samples: 8000 });
    const plan = planRange([again, within, first], range(0, 14));
    expect(runsOf(plan)).toEqual([
      ["a", 0, 80_000],
      ["b", 48_000, 32_000],
    ]);
    expect(plan?.hiddenSamples).toBe(56_000);
  });

  it("of two streams: the one with the most audio, or the one asked for", () => {
    const one = segment({ stem: "a" });
    const other = segment({ stem: "b", streamId: 2, startUs: EVENING + SECOND, samples: 88_000 });
    const plan = planRange([one, other], range(0, 12));
    expect(runsOf(plan)).toEqual([
      ["", 0, 8000],
      ["b", 0, 88_000],
    ]);
    expect(plan?.leftOut).toEqual([{ source: "websocket", streamId: 1, segments: 1, seconds: 10 }]);
    const asked = planRange([one, other], { ...range(0, 12), streamId: 1 });
    expect(runsOf(asked)).toEqual([
      ["a", 0, 80_000],
      ["", 0, 16_000],
    ]);
  });

  it("of one stream after another: all", () => {
    const later = segment({ stem: "b", streamId: 2, startUs: EVENING + 12 * SECOND });
    expect(planned([later, segment({ stem: "a" })], 0, 22)).toEqual([
      ["a", 0, 80_000],
      ["", 0, 16_000],
      ["b", 0, 80_000],
    ]);
  });

  it("that are copies of each other play once", () => {
    const copies = Array.from({ length: 50 }, (_, i) => segment({ stem: `copy${i}`, samples: 4000 }));
    expect(planRange(copies, range(0, 5))?.samples).toBe(40_000);
    expect(planRange(copies, range(0, 5, "cut"))?.samples).toBe(4000);
  });
});

describe("segments of different formats", () => {
  const quiet = segment({ stem: "a" });
  const loud = segment({ stem: "b", sampleRate: 48_000, channels: 2, startUs: EVENING + 10 * SECOND });

  it("are not mixed", () => {
    expect(() => planRange([quiet, loud], range(0, 20))).toThrow(
      /a is 8000 Hz, mono, 16 bits, b \(from 2026-11-21T18:00:10.215Z\) is 48000 Hz, 2 channels, 16 bits/,
    );
  });

  it("are played one by one", () => {
    expect(planned([quiet, loud], 0, 10)).toEqual([["a", 0, 80_000]]);
    expect(planned([quiet, loud], 10, 11)).toEqual([["b", 0, 48_000]]);
  });

  it("that no player knows are left out", () => {
    expect(planned([quiet, segment({ stem: "c", bitsPerSample: 8 })], 0, 10)).toEqual([["a", 0, 80_000]]);
  });
});
