import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LevelMeter, type Levels, SILENCE_DBFS } from "../src/index.js";

interface Case {
  bits: 16 | 24 | 32;
  channels: number;
  sampleRate: number;
  /** Interleaved. */
  samples: number[];
}

const cases: fc.Arbitrary<Case> = fc
  .record({
    bits: fc.constantFrom(16, 24, 32),
    channels: fc.integer({ min: 1, max: 3 }),
    sampleRate: fc.integer({ min: 5, max: 40 }),
  })
  .chain(({ bits, channels, sampleRate }) => {
    const full = 2 ** (bits - 1);
    const sample = fc.oneof(
      fc.integer({ min: -full, max: full - 1 }),
      fc.constantFrom(-full, full - 1, 0, 1, -1),
    );
    const frames = fc.array(fc.tuple(...Array.from({ length: channels }, () => sample)), { maxLength: 150 });
    return frames.map((all) => ({ bits, channels, sampleRate, samples: all.flat() }));
  });

/** Little-endian bytes, beginning `shift` bytes into their buffer. */
function toBytes({ bits, samples }: Pick<Case, "bits" | "samples">, shift = 0): Uint8Array {
  const bytes = new Uint8Array(new ArrayBuffer(shift + (samples.length * bits) / 8), shift);
  for (const [i, sample] of samples.entries()) {
    for (let k = 0; k < bits / 8; k++) bytes[(i * bits) / 8 + k] = Math.floor(sample / 256 ** k) & 255;
  }
  return bytes;
}

function dbfs(value: number): number {
  return value === 0 ? SILENCE_DBFS : Math.max(SILENCE_DBFS, 20 * Math.log10(value));
}

/** By the definition: every sample a fraction of full scale, a second at a time. */
function naiveLevels({ bits, channels, sampleRate, samples }: Case): Levels {
  const levels = { peakDbfs: [] as number[], rmsDbfs: [] as number[] };
  for (let at = 0; at < samples.length; at += sampleRate * channels) {
    const second = samples.slice(at, at + sampleRate * channels).map((sample) => sample / 2 ** (bits - 1));
    levels.peakDbfs.push(dbfs(Math.max(...second.map(Math.abs))));
    levels.rmsDbfs.push(dbfs(Math.sqrt(second.reduce((sum, x) => sum + x * x, 0) / second.length)));
  }
  return levels;
}

// Reported to a hundredth.
function expectLevels(found: Levels, expected: Levels): void {
  for (const kind of ["peakDbfs", "rmsDbfs"] as const) {
    expect(found[kind]).toHaveLength(expected[kind].length);
    for (const [i, value] of expected[kind].entries()) {
      expect(Math.abs(found[kind][i] - value)).toBeLessThanOrEqual(0.005_001);
    }
  }
}

it("measures what the definition says, at any depth, cut and alignment", () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(cases, cuts, fc.nat(3), (audio, steps, shift) => {
      const meter = new LevelMeter(audio.sampleRate, audio.channels, audio.bits);
      const bytes = toBytes(audio, shift);
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const end = Math.min(bytes.length, at + (steps[i % steps.length] * audio.bits) / 8);
        meter.add(bytes, at, end);
        at = end;
      }
      expectLevels(meter.levels(), naiveLevels(audio));
    }),
    { numRuns: 500 },
  );
});

it("counts silence like zeros, wherever it stands", () => {
  const parts = fc.array(
    fc.oneof(fc.nat(200), fc.array(fc.integer({ min: -32_768, max: 32_767 }), { maxLength: 60 })),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(parts, (all) => {
      const meter = new LevelMeter(16, 1, 16);
      const samples: number[] = [];
      for (const part of all) {
        const audio = typeof part === "number" ? new Array<number>(part).fill(0) : part;
        samples.push(...audio);
        if (typeof part === "number") meter.addSilence(part);
        else meter.add(toBytes({ bits: 16, samples: audio }), 0, audio.length * 2);
      }
      expectLevels(meter.levels(), naiveLevels({ bits: 16, channels: 1, sampleRate: 16, samples }));
    }),
  );
});

describe("one second", () => {
  const measure = (bits: 16 | 24 | 32, samples: number[]) => {
    const meter = new LevelMeter(samples.length, 1, bits);
    const bytes = toBytes({ bits, samples });
    meter.add(bytes, 0, bytes.length);
    return meter.levels();
  };

  it.each([16, 24, 32] as const)("of the most negative %i-bit sample is full scale, no more", (bits) => {
    expect(measure(bits, new Array<number>(100).fill(-(2 ** (bits - 1))))).toEqual({
      peakDbfs: [0],
      rmsDbfs: [0],
    });
  });

  it("of a full-scale sine is 3 dB below its peak", () => {
    const sine = Array.from({ length: 16_000 }, (_, i) =>
      Math.round(32_767 * Math.sin((2 * Math.PI * 440 * i) / 16_000)),
    );
    const { peakDbfs, rmsDbfs } = measure(16, sine);
    expect(peakDbfs).toEqual([0]);
    expect(rmsDbfs[0]).toBeCloseTo(-3.01, 2);
  });

  it("of silence is the floor, which JSON can hold", () => {
    expect(SILENCE_DBFS).toBe(-120);
    expect(measure(16, new Array<number>(50).fill(0))).toEqual({
      peakDbfs: [SILENCE_DBFS],
      rmsDbfs: [SILENCE_DBFS],
    });
  });

  it("of one 32-bit step is the floor, not less", () => {
    expect(measure(32, [1, 0, 0, 0])).toEqual({ peakDbfs: [SILENCE_DBFS], rmsDbfs: [SILENCE_DBFS] });
  });
});

it("says nothing of no audio, and asks for no end before it tells", () => {
  const meter = new LevelMeter(4, 1, 16);
  expect(meter.levels()).toEqual({ peakDbfs: [], rmsDbfs: [] });
  const bytes = toBytes({ bits: 16, samples: [-32_768, 0, 0, 0, 0] });
  meter.add(bytes, 0, 6);
  expect(meter.levels().peakDbfs).toEqual([0]);
  meter.add(bytes, 6, 10);
  expect(meter.levels().peakDbfs).toEqual([0, SILENCE_DBFS]);
});
