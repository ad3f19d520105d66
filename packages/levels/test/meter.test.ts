import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LevelMeter, type Levels, SILENCE_DBFS } from "../src/index.js";
import { type Audio, naiveLevels, toBytes } from "./support/naive.js";

/** Stretches of audio, of one and the same sample frame, and of silence in place of what is missing. */
const cases: fc.Arbitrary<Audio> = fc
  .record({
    bitsPerSample: fc.constantFrom(16 as const, 24 as const, 32 as const),
    channels: fc.integer({ min: 1, max: 3 }),
    sampleRate: fc.integer({ min: 5, max: 40 }),
  })
  .chain(({ bitsPerSample, channels, sampleRate }) => {
    const full = 2 ** (bitsPerSample - 1);
    const sample = fc.oneof(
      fc.integer({ min: -full, max: full - 1 }),
      fc.constantFrom(-full, -full + 1, full - 1, (full / 32_768) * 32_767, 0, 1, -1),
    );
    const frame = fc.tuple(...Array.from({ length: channels }, () => sample));
    const missing = new Array<undefined>(channels).fill(undefined);
    const stretch = fc.oneof(
      { arbitrary: fc.array(frame, { maxLength: 100 }), weight: 3 },
      fc.tuple(frame, fc.nat(100)).map(([same, length]) => new Array(length).fill(same)),
      fc.nat(60).map((length) => new Array(length).fill(missing)),
    );
    const samples = fc.array(stretch, { maxLength: 4 }).map((all) => all.flat(2));
    return samples.map((samples) => ({ bitsPerSample, channels, sampleRate, samples }));
  });

/** Levels are reported to a hundredth; the track's bytes may differ where the definition is between two. */
function expectLevels(found: Levels, expected: Levels): void {
  for (const kind of ["peakDbfs", "rmsDbfs"] as const) {
    expect(found[kind]).toHaveLength(expected[kind].length);
    for (const [i, value] of expected[kind].entries()) {
      expect(Math.abs(found[kind][i] - value)).toBeLessThanOrEqual(0.005_001);
    }
  }
  expect(found.clippedSamples).toBe(expected.clippedSamples);
  expect(found.flatSeconds).toBe(expected.flatSeconds);
  expect(found.track).toEqual(expected.track);
}

it("measures what the definition says, at any depth, cut and alignment", () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(cases, cuts, fc.nat(3), (audio, steps, shift) => {
      const meter = new LevelMeter(audio.sampleRate, audio.channels, audio.bitsPerSample);
      const bytes = toBytes(audio, shift);
      const width = audio.bitsPerSample / 8;
      for (let at = 0, i = 0; at < audio.samples.length; i++) {
        const isMissing = audio.samples[at] === undefined;
        const length = audio.samples.slice(at).findIndex((sample) => (sample === undefined) !== isMissing);
        const rest = length < 0 ? audio.samples.length - at : length;
        const end = at + (isMissing ? rest : Math.min(rest, steps[i % steps.length]));
        if (isMissing) meter.addSilence(end - at);
        else meter.add(bytes, at * width, end * width);
        at = end;
      }
      expectLevels(meter.levels(), naiveLevels(audio));
    }),
    { numRuns: 1000 },
  );
});

function measure(bitsPerSample: 16 | 24 | 32, samples: number[], sampleRate = samples.length, channels = 1) {
  const meter = new LevelMeter(sampleRate, channels, bitsPerSample);
  const bytes = toBytes({ bitsPerSample, samples });
  meter.add(bytes, 0, bytes.length);
  return meter.levels();
}

describe("one second", () => {
  it.each([16, 24, 32] as const)("of the most negative %i-bit sample is full scale, no more", (bits) => {
    expect(measure(bits, new Array<number>(100).fill(-(2 ** (bits - 1))))).toEqual({
      peakDbfs: [0],
      rmsDbfs: [0],
      clippedSamples: 100,
      flatSeconds: 1,
      track: Uint8Array.from([1, ...new Array<number>(11).fill(240)]),
    });
  });

  it("of a full-scale sine is 3 dB below its peak", () => {
    const sine = Array.from({ length: 16_000 }, (_, i) =>
      Math.round(32_767 * Math.sin((2 * Math.PI * 440 * i) / 16_000)),
    );
    const { peakDbfs, rmsDbfs, flatSeconds } = measure(16, sine);
    expect(peakDbfs).toEqual([0]);
    expect(rmsDbfs[0]).toBeCloseTo(-3.01, 2);
    expect(flatSeconds).toBe(0);
  });

  it("of silence is the floor, which JSON can hold", () => {
    expect(SILENCE_DBFS).toBe(-120);
    expect(measure(16, new Array<number>(50).fill(0))).toMatchObject({
      peakDbfs: [SILENCE_DBFS],
      rmsDbfs: [SILENCE_DBFS],
      flatSeconds: 1,
    });
  });

  it("of one 32-bit step is the floor, not less", () => {
    expect(measure(32, [1, 0, 0, 0])).toMatchObject({ peakDbfs: [SILENCE_DBFS], rmsDbfs: [SILENCE_DBFS] });
  });
});

describe("clipped samples", () => {
  it("are those of which the upper 16 bits are at full scale, whichever way a converter fills the rest", () => {
    expect(measure(16, [32_767, 32_766, -32_767, -32_768, -32_766]).clippedSamples).toBe(3);
    expect(measure(24, [0x7fff00, 0x7ffeff, -0x7fff00, -0x7ffeff, 0x7fffff]).clippedSamples).toBe(3);
    expect(measure(32, [0x7fffff00, 0x7ffeffff, -0x80000000, 0]).clippedSamples).toBe(2);
  });
});

const changed = (samples: number[], at: number, to: number) =>
  samples.map((sample, i) => (i === at ? to : sample));

describe("a flat second", () => {
  const flatSeconds = (samples: number[], channels = 1) => measure(16, samples, 100, channels).flatSeconds;

  it("may hold any value, another in each channel, and another each second", () => {
    const stuck = Array.from({ length: 400 }, (_, i) => (i < 200 ? [0, -7][i % 2] : 12));
    expect(flatSeconds(stuck, 2)).toBe(2);
  });

  it("is none if one sample differs, be it the last, or if it is short", () => {
    const stuck = new Array<number>(350).fill(-1);
    expect(flatSeconds(stuck)).toBe(3);
    expect(flatSeconds(changed(stuck, 199, 0))).toBe(2);
    expect(flatSeconds(changed(stuck, 200, 0))).toBe(2);
  });

  it("was received for the most part: silence in place of missing audio is no dead microphone", () => {
    const meter = new LevelMeter(100, 1, 16);
    for (const missing of [100, 51, 50, 1]) {
      meter.addSilence(missing);
      meter.add(new Uint8Array(200).fill(5), 0, (100 - missing) * 2);
    }
    expect(meter.levels().flatSeconds).toBe(2);
  });
});

it("gives a second of any rate ten windows", () => {
  for (const sampleRate of [8000, 11_025, 22_050, 44_100, 12_345]) {
    const impulse = new Array<number>(sampleRate * 3).fill(0);
    // The first sample of the eighth window of the third second: 0.7 s into it, not before
    const at = sampleRate * 2 + Math.ceil(sampleRate * 0.7);
    const levels = measure(16, changed(impulse, at, 32_767), sampleRate);
    expect(levels.track).toHaveLength(1 + 3 * 11);
    expect(levels.track.indexOf(240)).toBe(1 + 2 * 11 + 1 + 7);
  }
});

it("says nothing of no audio, and asks for no end before it tells", () => {
  const meter = new LevelMeter(4, 1, 16);
  const none = { peakDbfs: [], rmsDbfs: [], clippedSamples: 0, flatSeconds: 0, track: Uint8Array.of(1) };
  expect(meter.levels()).toEqual(none);
  const bytes = toBytes({ bitsPerSample: 16, samples: [-32_768, 0, 0, 0, 0] });
  meter.add(bytes, 0, 6);
  expect(meter.levels().peakDbfs).toEqual([0]);
  meter.add(bytes, 6, 10);
  expect(meter.levels().peakDbfs).toEqual([0, SILENCE_DBFS]);
});

it("refuses a shape that is none", () => {
  expect(() => new LevelMeter(0, 1, 16)).toThrow("sample rate must be a whole number above 0, not 0");
  expect(() => new LevelMeter(16_000.5, 1, 16)).toThrow(RangeError);
  expect(() => new LevelMeter(16_000, -1, 16)).toThrow("channels must be");
  expect(() => new LevelMeter(16_000, 1, 8)).toThrow("bits per sample are 16, 24 or 32, not 8");
});
