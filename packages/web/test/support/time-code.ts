/**
 * Sound that says when it was recorded, and by whom: tones whose frequencies stand for the device, the hour, the minute
 * and the second. All are whole numbers of Hz, so a tone that goes on goes on without a click.
 */

/** Hz of what is recorded in this way. */
export const CODE_RATE = 8000;

/** What a recording says about itself. */
export interface Spoken {
  /** Number of the device, 0 … 7. */
  readonly device: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

type Part = keyof Spoken;

/** Lowest tone, distance and number of tones, Hz: apart from each other, and below the 4 kHz that CODE_RATE carries. */
const BANDS: Readonly<
  Record<Part, { readonly first: number; readonly step: number; readonly count: number }>
> = {
  device: { first: 120, step: 30, count: 8 },
  minute: { first: 400, step: 20, count: 60 },
  second: { first: 1700, step: 20, count: 60 },
  hour: { first: 3000, step: 30, count: 24 },
};
const PARTS = Object.keys(BANDS) as Part[];

const SINE = Float64Array.from({ length: CODE_RATE }, (_, i) => Math.sin((2 * Math.PI * i) / CODE_RATE));
// A tone that stands out from its band by less is none: noise, or two moments at once.
const LEAST_RATIO = 3;

/** What is said at a second of a day. */
export function spokenAt(device: number, secondOfDay: number): Spoken {
  const minute = Math.floor(secondOfDay / 60) % 60;
  return { device, hour: Math.floor(secondOfDay / 3600) % 24, minute, second: secondOfDay % 60 };
}

/**
 * Adds a second of it to samples at CODE_RATE.
 * @param parts what is said; what is left out is silent
 * @param amplitude of all tones together, 32 767 = full scale
 * @param channels of the samples; the first is written
 */
export function speakSecond(
  samples: Int16Array,
  at: number,
  parts: Partial<Spoken>,
  amplitude: number,
  channels = 1,
): void {
  const steps = PARTS.flatMap((part) => {
    const value = parts[part];
    return value === undefined ? [] : [BANDS[part].first + BANDS[part].step * value];
  });
  const phases = steps.map(() => 0);
  const each = amplitude / PARTS.length;
  for (let i = 0; i < CODE_RATE; i++) {
    let sum = 0;
    for (let tone = 0; tone < steps.length; tone++) {
      sum += SINE[phases[tone]];
      phases[tone] = (phases[tone] + steps[tone]) % CODE_RATE;
    }
    samples[(at + i) * channels] += Math.round(sum * each);
  }
}

/**
 * What a piece of sound says, of 0.2 s or more and within one second.
 * @param samples −1 … 1, mono
 * @param sampleRate Hz
 * @returns parts that are heard clearly
 */
export function heardIn(samples: ArrayLike<number>, sampleRate: number): Partial<Spoken> {
  const heard: Partial<Record<Part, number>> = {};
  for (const part of PARTS) {
    const { first, step, count } = BANDS[part];
    const powers = Array.from({ length: count }, (_, i) => power(samples, (first + step * i) / sampleRate));
    const [best, other] = [...powers.keys()].sort((a, b) => powers[b] - powers[a]);
    if (powers[best] > powers[other] * LEAST_RATIO) heard[part] = best;
  }
  return heard;
}

/** Power at a frequency, in parts of the sample rate: Goertzel's way, under a Hann window. */
function power(samples: ArrayLike<number>, frequency: number): number {
  const factor = 2 * Math.cos(2 * Math.PI * frequency);
  let before = 0;
  let last = 0;
  for (let i = 0; i < samples.length; i++) {
    const window = 1 - Math.cos((2 * Math.PI * i) / samples.length);
    const next = samples[i] * window + factor * last - before;
    before = last;
    last = next;
  }
  return before * before + last * last - factor * before * last;
}
