import { expect, it } from "vitest";
import { CODE_RATE, heardIn, speakSecond, spokenAt } from "./support/time-code.js";

const SECOND_OF_DAY = 3 * 3600 + 17 * 60 + 42;

/** The end of a second, at six times the rate as a browser plays it, with a quiet noise of its own. */
function played(samples: Int16Array): Float32Array {
  const at = (i: number) => samples[Math.min(samples.length - 1, i)] / 32_768;
  return Float32Array.from({ length: 9600 }, (_, i) => {
    const [whole, part] = [Math.floor(i / 6) + 6000, (i % 6) / 6];
    return at(whole) * (1 - part) + at(whole + 1) * part + 1e-4 * Math.sin(i * i);
  });
}

it("hears of a fifth of a second what was spoken, also when it is quiet", () => {
  for (const amplitude of [30_000, 60]) {
    const samples = new Int16Array(CODE_RATE);
    speakSecond(samples, 0, spokenAt(3, SECOND_OF_DAY), amplitude);
    expect(heardIn(played(samples), 48_000)).toEqual({ device: 3, hour: 3, minute: 17, second: 42 });
  }
});

it("hears nothing in silence, and not two moments at once", () => {
  expect(heardIn(new Float32Array(9600), 48_000)).toEqual({});
  const samples = new Int16Array(CODE_RATE);
  speakSecond(samples, 0, { device: 1, second: 4 }, 8000);
  speakSecond(samples, 0, { device: 1, second: 30 }, 8000);
  expect(heardIn(played(samples), 48_000)).toEqual({ device: 1 });
});
