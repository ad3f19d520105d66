/** Zero crossings of the sinc on each side, at the lower of the two rates. */
const CROSSINGS = 32;
/** Kaiser window: 80 dB between what passes and what does not (Kaiser & Schafer 1980: β = 0.1102 (A − 8.7)). */
const ATTENUATION_DB = 80;
const BETA = 0.1102 * (ATTENUATION_DB - 8.7);

/**
 * Changes the rate of a stream by a ratio of whole numbers: a windowed sinc in as many phases as the ratio has, so that
 * nothing above half of the lower rate comes through as something else.
 */
export class Resampler {
  private readonly up: number;
  private readonly down: number;
  private readonly taps: number;
  private readonly phases: Float32Array[];
  /** Input that is still needed: the end of what came, behind `taps` zeros at first. */
  private history: Float32Array;
  /** Where the next output lies behind the beginning of `history`, in input samples times `up`. */
  private at: number;

  /**
   * @param from Hz, a whole number
   * @param to Hz, a whole number
   */
  constructor(from: number, to: number) {
    const divisor = greatestDivisor(from, to);
    this.up = to / divisor;
    this.down = from / divisor;
    this.taps = 2 * Math.ceil(CROSSINGS * Math.max(1, from / to));
    this.phases = phasesOf(this.up, this.taps, Math.min(1, to / from));
    this.history = new Float32Array(this.taps / 2);
    this.at = (this.taps / 2) * this.up;
  }

  /** What the input so far gives; some ms of it are kept back until what follows is known. */
  push(input: Float32Array): Float32Array {
    if (this.up === this.down) return input;
    const { up, down, taps, phases } = this;
    const half = taps / 2;
    const all = new Float32Array(this.history.length + input.length);
    all.set(this.history);
    all.set(input, this.history.length);
    const count = Math.max(0, Math.ceil(((all.length - half) * up - this.at) / down));
    const output = new Float32Array(count);
    for (let i = 0; i < count; i++, this.at += down) {
      const first = Math.floor(this.at / up) - half + 1;
      output[i] = dot(all, Math.max(0, first), phases[this.at % up], first < 0 ? -first : 0);
    }
    const done = Math.max(0, Math.floor(this.at / up) - half);
    this.history = all.slice(done);
    this.at -= done * up;
    return output;
  }
}

function dot(samples: Float32Array, at: number, phase: Float32Array, skip: number): number {
  let sum = 0;
  for (let tap = skip; tap < phase.length; tap++) sum += samples[at + tap - skip] * phase[tap];
  return sum;
}

/** The filter as each output phase sees it. */
function phasesOf(up: number, taps: number, ratio: number): Float32Array[] {
  // The middle of the slope lies half its width below the limit, so that it ends there (Kaiser's formula for it).
  const slope = (ATTENUATION_DB - 8) / (2.285 * 2 * Math.PI * taps);
  const cutoff = 0.5 * ratio - slope / 2;
  const half = taps / 2;
  return Array.from({ length: up }, (_, phase) => {
    const filter = Float32Array.from({ length: taps }, (_, tap) => {
      const distance = tap - half + 1 - phase / up;
      return 2 * cutoff * sinc(2 * cutoff * distance) * kaiser(distance / half);
    });
    const sum = filter.reduce((total, value) => total + value, 0);
    return filter.map((value) => value / sum); // the same loudness in every phase
  });
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function kaiser(x: number): number {
  return Math.abs(x) >= 1 ? 0 : bessel(BETA * Math.sqrt(1 - x * x)) / bessel(BETA);
}

/** Modified Bessel function of the first kind, order 0. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
