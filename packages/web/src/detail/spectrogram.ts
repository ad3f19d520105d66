import { Spectrum } from "./fft.js";

/** Columns of levels over frequency. */
export interface Spectrogram {
  readonly columns: number;
  /** Levels of a column, from 0 Hz to below half of the rate. */
  readonly bins: number;
  /** Column after column: half decibels above −120 dBFS, 0 … 240; a sine at full scale is 240 in its bin. */
  readonly levels: Uint8Array;
}

/** 32 ms: a syllable is longer, and 16 kHz gets 31 Hz a bin. */
const WINDOW_S = 0.032;

/** Samples of a window at a rate: a power of two near 32 ms. */
export function windowSize(sampleRate: number): number {
  return 2 ** Math.max(6, Math.round(Math.log2(sampleRate * WINDOW_S)));
}

/** Windows of a signal, evenly spread: each column's window has its middle in the column's middle. */
export function spectrogram(samples: Float32Array, size: number, columns: number): Spectrogram {
  const spectrum = new Spectrum(size);
  const hann = Float64Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size));
  const bins = size / 2;
  const levels = new Uint8Array(columns * bins);
  const windowed = new Float64Array(size);
  const powers = new Float64Array(bins);
  // A sine of amplitude 1 has |X| = sum of the window / 2 in its bin, and the sum of Hann's is half of its size.
  const full = (size / 4) ** 2;
  for (let column = 0; column < columns; column++) {
    const first = Math.round(((column + 0.5) / columns) * samples.length - size / 2);
    for (let i = 0; i < size; i++) windowed[i] = (samples[first + i] ?? 0) * hann[i];
    spectrum.powers(windowed, powers);
    for (let bin = 0; bin < bins; bin++) levels[column * bins + bin] = levelByte(powers[bin] / full);
  }
  return { columns, bins, levels };
}

function levelByte(power: number): number {
  if (power <= 1e-12) return 0;
  return Math.min(240, Math.round(2 * (10 * Math.log10(power) + 120)));
}
