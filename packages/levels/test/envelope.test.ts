import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  LevelMeter,
  LevelsError,
  placeGaps,
  readTrack,
  summarize,
  toAmplitude,
  toAmplitudes,
  toDbfs,
  waveform,
  zoom,
} from "../src/index.js";

const HOLE = Number.NaN;
const SECOND_US = 1_000_000;

/** A track of seconds that have one peak each, in level bytes. */
function trackOf(seconds: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from([1, ...seconds.flatMap((peaks) => [Math.min(...peaks), ...peaks])]);
}

const same = (byte: number, windows = 10) => new Array<number>(windows).fill(byte);

const peaks = fc.oneof(fc.nat(240), fc.constant(255));
const tracks = fc
  .tuple(
    fc.array(fc.array(peaks, { minLength: 10, maxLength: 10 }), { maxLength: 12 }),
    fc.array(peaks, { maxLength: 9 }),
  )
  .map(([seconds, rest]) => trackOf(rest.length > 0 ? [...seconds, rest] : seconds));

describe("readTrack", () => {
  it("gives the dBFS that the meter measured, to half a dB", () => {
    const meter = new LevelMeter(1000, 1, 16);
    const samples = Int16Array.from({ length: 2350 }, (_, i) => ((i % 2) * 2 - 1) * 2 ** (i / 200 + 3));
    meter.add(new Uint8Array(samples.buffer), 0, samples.byteLength);
    meter.addSilence(150);
    const levels = meter.levels();
    const { peakDbfs, rmsDbfs } = readTrack(levels.track);
    expect([peakDbfs.length, rmsDbfs.length]).toEqual([25, 3]);
    expect(Array.from(peakDbfs.subarray(23))).toEqual([-1.5, HOLE]);
    for (const [second, dbfs] of levels.peakDbfs.entries()) {
      const windows = peakDbfs.subarray(second * 10, second === 2 ? 24 : second * 10 + 10);
      expect(Math.abs(Math.max(...windows) - dbfs)).toBeLessThan(0.26);
    }
    for (const second of [0, 1])
      expect(Math.abs(rmsDbfs[second] - levels.rmsDbfs[second])).toBeLessThan(0.26);
    // 350 of the last 500 samples were received: the silence for the others counts in the one, not in the other
    expect(rmsDbfs[2] - levels.rmsDbfs[2]).toBeCloseTo(10 * Math.log10(500 / 350), 0);
  });

  it.each([
    ["nothing", [], "begins with 1, not undefined"],
    ["another version", [2, 0, 0], "begins with 1, not 2"],
    ["a second without a peak", [1, 7], "2 bytes: the last second of the track has no peak"],
    ["a level above full scale", [1, 7, 241], "byte 2 of the track is 241; a level is 0 to 240, or 255"],
  ])("refuses %s", (_, bytes, message) => {
    const track = Uint8Array.from(bytes);
    for (const read of [readTrack, (wrong: Uint8Array) => zoom(wrong, 1)]) {
      expect(() => read(track)).toThrow(expect.objectContaining({ code: "invalid-track" }));
      expect(() => read(track)).toThrow(message);
      expect(() => read(track)).toThrow(LevelsError);
    }
  });
});

describe("zoom", () => {
  it("keeps the largest peak and the mean power of each point", () => {
    const track = trackOf([same(200), [...same(120, 9), 220], same(255), same(100, 3)]);
    expect(Array.from(zoom(track, 1).peakDbfs)).toEqual([-20, -10, HOLE, -70]);
    expect(Array.from(zoom(track, 2).peakDbfs)).toEqual([-10, -70]);
    expect(zoom(track, 2).rmsDbfs[0]).toBeCloseTo(-20 - 3.01, 2);
    expect(zoom(track, 60).peakDbfs).toHaveLength(1);
    expect(Array.from(zoom(track, 0.1).peakDbfs)).toEqual(Array.from(readTrack(track).peakDbfs));
  });

  it.each([0, -1, 0.05, 0.25, HOLE, Number.POSITIVE_INFINITY])("refuses %d seconds per point", (seconds) => {
    expect(() => zoom(trackOf([same(1)]), seconds)).toThrow("seconds per point must be a multiple of 0.1");
  });
});

describe("waveform", () => {
  const startUs = 1_767_225_600_000_000;

  it("lays segments on the axis of time, with holes between them", () => {
    const segments = [
      { startUs, track: trackOf([same(200), same(180)]) },
      { startUs: startUs + 4 * SECOND_US, track: trackOf([same(240), same(255)]) },
      { startUs: startUs + 60 * SECOND_US, track: trackOf([same(240)]) },
    ];
    const range = { fromUs: startUs - SECOND_US, toUs: startUs + 7 * SECOND_US, points: 8 };
    const { peakDbfs, rmsDbfs } = waveform(segments, range);
    expect(Array.from(peakDbfs)).toEqual([HOLE, -20, -30, HOLE, HOLE, 0, HOLE, HOLE]);
    expect(Array.from(rmsDbfs, Math.round)).toEqual([HOLE, -20, -30, HOLE, HOLE, 0, HOLE, HOLE]);
    expect(Array.from(toAmplitudes(peakDbfs), (x) => Math.round(x * 1000))).toEqual([
      HOLE,
      100,
      32,
      HOLE,
      HOLE,
      1000,
      HOLE,
      HOLE,
    ]);
  });

  it("draws what is behind a hole where it belongs", () => {
    const track = trackOf([same(200), [...same(180, 5), ...same(120, 5)]]);
    const gaps = [
      { startUs: startUs + 1.5 * SECOND_US, samples: 24_000, filled: false },
      { startUs: startUs - SECOND_US, samples: 8000, filled: false },
    ];
    const { holes } = placeGaps(startUs, 8000, gaps);
    const range = { fromUs: startUs, toUs: startUs + 5.5 * SECOND_US, points: 11 };
    const { peakDbfs } = waveform([{ startUs, track, holes }], range);
    const hole = new Array<number>(6).fill(HOLE);
    expect(Array.from(peakDbfs)).toEqual([-20, -20, -30, ...hole, -60, HOLE]);
  });

  it("shows every peak at every zoom, also finer than it was measured", () => {
    fc.assert(
      fc.property(tracks, fc.integer({ min: 1, max: 400 }), fc.nat(3 * SECOND_US), (track, points, lead) => {
        const windows = readTrack(track).peakDbfs;
        const toUs = startUs + Math.max(1, windows.length) * 100_000 + lead;
        const shown = waveform([{ startUs, track }], { fromUs: startUs - lead, toUs, points }).peakDbfs;
        const loudest = (all: Float32Array) =>
          Math.max(...Array.from(all).filter((dbfs) => !Number.isNaN(dbfs)));
        expect(loudest(shown)).toBe(loudest(windows));
      }),
    );
  });

  it("is what zoom shows where the points are the same", () => {
    fc.assert(
      fc.property(tracks, fc.constantFrom(0.1, 1, 10), (track, secondsPerPoint) => {
        const expected = zoom(track, secondsPerPoint);
        const points = Math.max(1, expected.peakDbfs.length);
        const toUs = startUs + Math.round(points * secondsPerPoint * SECOND_US);
        const found = waveform([{ startUs, track }], { fromUs: startUs, toUs, points });
        if (expected.peakDbfs.length > 0) expect(found).toEqual(expected);
      }),
    );
  });

  it.each([
    [{ fromUs: 5, toUs: 5, points: 1 }, "a beginning before its end, not 5 to 5"],
    [{ fromUs: 0, toUs: HOLE, points: 1 }, "a beginning before its end"],
    [{ fromUs: 0, toUs: 5, points: 0 }, "1 to 1000000 points, not 0"],
    [{ fromUs: 0, toUs: 5, points: 1e7 }, "1 to 1000000 points"],
  ])("refuses %j", (range, message) => {
    expect(() => waveform([], range)).toThrow(message);
  });

  it("shows a day in a thousand points", () => {
    const track = trackOf(new Array<number[]>(3600).fill(same(99)));
    const hours = Array.from({ length: 24 }, (_, i) => ({ startUs: startUs + i * 3600 * SECOND_US, track }));
    const range = { fromUs: startUs, toUs: startUs + 86_400 * SECOND_US, points: 1000 };
    expect(new Set(waveform(hours, range).peakDbfs)).toEqual(new Set([-70.5]));
  });
});

it("summarizes a segment, its short last second by its length", () => {
  const meter = new LevelMeter(1000, 1, 16);
  const samples = Int16Array.from({ length: 1500 }, (_, i) => ((i % 2) * 2 - 1) * (i < 1000 ? 32_000 : 1000));
  meter.add(new Uint8Array(samples.buffer), 0, samples.byteLength);
  const levels = meter.levels();
  const power = ((2 / 3) * 32_000 ** 2 + (1 / 3) * 1000 ** 2) / 32_768 ** 2;
  const { peakDbfs, rmsDbfs, ...others } = summarize(levels);
  expect(peakDbfs).toBeCloseTo(toDbfs(32_000 / 32_768), 2);
  expect(rmsDbfs).toBeCloseTo(10 * Math.log10(power), 1);
  expect(others).toEqual({ clippedSamples: 0, flatSeconds: 0, track: levels.track });
  const none = summarize(new LevelMeter(1000, 1, 16).levels());
  expect([none.peakDbfs, none.rmsDbfs]).toEqual([-120, -120]);
});

it("goes from dBFS to amplitudes and back", () => {
  for (const dbfs of [0, -6, -60, -119]) expect(toDbfs(toAmplitude(dbfs))).toBeCloseTo(dbfs, 9);
  expect([toAmplitude(-120), toAmplitude(HOLE), toDbfs(0), toDbfs(1e-9)]).toEqual([0, HOLE, -120, -120]);
});

it("places gaps in the file: what is left out moves all behind it", () => {
  const gaps = [
    { startUs: 9_000_000, samples: 100, filled: true },
    { startUs: 5_000_000, samples: 50, filled: false },
    { startUs: 3_000_000, samples: 20, filled: true },
    { startUs: 2_000_000, samples: 20, filled: false },
    { startUs: 4_000_000, samples: 1e12, filled: false },
    { startUs: 4_000_000, samples: HOLE, filled: true },
    { startUs: HOLE, samples: 5, filled: true },
  ];
  expect(placeGaps(2_000_000, 100, gaps)).toEqual({
    filled: [
      { start: 100, samples: 20 },
      { start: 650, samples: 100 },
    ],
    holes: [{ afterUs: 3_000_000, lengthUs: 500_000 }],
  });
});
