import { formatWavHeader } from "@audio/wav";
import { describe, expect, it } from "vitest";
import { Spectrum } from "../src/detail/fft.js";
import { extremes, OUTLINE_SAMPLES, outlineOf } from "../src/detail/outline.js";
import { frequencies, waveTop } from "../src/detail/paint.js";
import { spectrogram, windowSize } from "../src/detail/spectrogram.js";
import { tilesFor } from "../src/detail/tiles.js";
import { samplesOf } from "../src/detail/wav-samples.js";

// Numbers that look random and are the same each time (Numerical Recipes' linear congruence).
function noise(count: number): Float32Array {
  let state = 7;
  return Float32Array.from({ length: count }, () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 31 - 1;
  });
}

describe("the transform", () => {
  it("is the one that the definition gives", () => {
    for (const size of [2, 8, 64, 512]) {
      const signal = noise(size);
      const powers = new Float64Array(size / 2);
      new Spectrum(size).powers(signal, powers);
      for (let k = 0; k < size / 2; k++) {
        let re = 0;
        let im = 0;
        for (let n = 0; n < size; n++) {
          re += signal[n] * Math.cos((2 * Math.PI * k * n) / size);
          im -= signal[n] * Math.sin((2 * Math.PI * k * n) / size);
        }
        expect(powers[k]).toBeCloseTo(re * re + im * im, 8);
      }
    }
  });
});

describe("the spectrogram", () => {
  const rate = 16_000;
  const size = windowSize(rate);
  const tone = (hz: number) =>
    Float32Array.from({ length: rate }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * i) / rate));

  it("has windows of some 32 ms", () => {
    expect([8000, 16_000, 44_100, 48_000].map(windowSize)).toEqual([256, 512, 1024, 2048]);
  });

  it("shows a tone in its row, at its level, and hardly anything elsewhere", () => {
    const { levels, bins, columns } = spectrogram(tone(1000), size, 50);
    expect([columns, bins]).toEqual([50, 256]);
    const column = levels.subarray(25 * bins, 26 * bins);
    expect(column.indexOf(Math.max(...column))).toBe(32); // 1000 Hz of 31.25 a bin
    expect(column[32] / 2 - 120).toBeCloseTo(-6, 0);
    expect(Math.max(...column.subarray(40)) / 2 - 120).toBeLessThan(-90);
  });

  it("shows when it begins", () => {
    const late = new Float32Array(rate);
    late.set(tone(1000).subarray(0, rate / 2), rate / 2);
    const { levels, bins } = spectrogram(late, size, 100);
    expect(levels[45 * bins + 32]).toBe(0);
    expect(levels[55 * bins + 32] / 2 - 120).toBeCloseTo(-6, 0);
  });
});

describe("the outline", () => {
  const samples = noise(1000);

  it("has the extremes of each stretch", () => {
    const outline = outlineOf(samples);
    expect(outline.length).toBe(2 * Math.ceil(1000 / OUTLINE_SAMPLES));
    expect(outline[2]).toBe(Math.min(...samples.subarray(64, 128)));
    expect(outline[3]).toBe(Math.max(...samples.subarray(64, 128)));
  });

  it("answers like the samples themselves, coarse and fine, and not beyond their end", () => {
    const outline = outlineOf(samples);
    expect(extremes(samples, outline, 10.2, 12.7)).toEqual([
      Math.min(...samples.subarray(10, 13)),
      Math.max(...samples.subarray(10, 13)),
    ]);
    expect(extremes(samples, outline, 0, 512)).toEqual([
      Math.min(...samples.subarray(0, 512)),
      Math.max(...samples.subarray(0, 512)),
    ]);
    const none = new Float32Array(0); // of a long tile, only the outline is kept
    expect(extremes(none, outline, 70, 100)).toEqual([outline[2], outline[3]]);
    expect(extremes(samples, outline, 1000, 1010)).toBeUndefined();
    expect(extremes(samples, outline, 5000, 6000)).toBeUndefined();
  });
});

describe("samples of a WAV", () => {
  const wavOf = (bitsPerSample: 16 | 24 | 32, channels: number, data: number[]) => {
    const header = formatWavHeader({ sampleRate: 8000, channels, bitsPerSample }, data.length);
    const bytes = new Uint8Array(header.length + data.length);
    bytes.set(header);
    bytes.set(data, header.length);
    return bytes.buffer;
  };

  it("are read at each depth, and channels are one", () => {
    expect(samplesOf(wavOf(16, 1, [0, 0x40, 0, 0xc0]))).toEqual({
      sampleRate: 8000,
      mono: Float32Array.of(0.5, -0.5),
    });
    expect(samplesOf(wavOf(24, 1, [0, 0, 0x40, 0, 0, 0xc0])).mono).toEqual(Float32Array.of(0.5, -0.5));
    expect(samplesOf(wavOf(32, 1, [0, 0, 0, 0x40])).mono).toEqual(Float32Array.of(0.5));
    expect(samplesOf(wavOf(16, 2, [0, 0x40, 0, 0])).mono).toEqual(Float32Array.of(0.25));
  });

  it("are those that are there when it was cut", () => {
    const whole = wavOf(16, 1, [0, 0x40, 0, 0xc0]);
    expect(samplesOf(whole.slice(0, whole.byteLength - 2)).mono.length).toBe(1);
    expect(() => samplesOf(new ArrayBuffer(9))).toThrow();
  });
});

describe("tiles", () => {
  const S = 1_000_000;

  it("are as long as the view or up to twice that, and cover it", () => {
    for (const [from, length] of [
      [12.3, 0.7],
      [100, 8],
      [777.7, 9],
      [50, 128],
    ]) {
      const tiles = tilesFor("a", from * S, (from + length) * S);
      expect(tiles[0].fromUs).toBeLessThanOrEqual(from * S);
      expect(tiles.at(-1)?.toUs).toBeGreaterThanOrEqual((from + length) * S);
      expect(tiles.length).toBeLessThanOrEqual(2);
      const each = tiles[0].toUs - tiles[0].fromUs;
      expect(each >= length * S && each <= Math.max(2 * S, 2 * length * S)).toBe(true);
    }
  });

  it("stay the same while the view pans", () => {
    expect(tilesFor("a", 10 * S, 18 * S)).toEqual(tilesFor("a", 11 * S, 19 * S));
  });
});

describe("the waveform", () => {
  it("is as high as what is in view, in steps of 6 dB", () => {
    expect([1, 0.5, 0.26, 0.01, 0].map(waveTop)).toEqual([0, -6, -6, -36, -60]);
  });
});

describe("the frequency axis", () => {
  it("has round numbers, not too close", () => {
    expect(frequencies(8000, 160)).toEqual([2000, 4000, 6000]);
    expect(frequencies(24_000, 300)).toEqual([5000, 10_000, 15_000, 20_000]);
    expect(frequencies(500, 100)).toEqual([200, 400]);
  });
});
