import { LevelMeter, type Levels } from "../../src/index.js";

const SAMPLE_RATE = 16_000;

/** A sound that was put into a scene, in seconds from its beginning. */
export interface Placed {
  readonly start: number;
  readonly end: number;
}

/** Samples of a scene, −1…1, and what is in it. */
export interface Scene {
  readonly samples: Float32Array;
  readonly sounds: Placed[];
}

/** Noise of a place, at an RMS of about `amplitude` (1 = full scale). */
export type Place = (samples: Float32Array, amplitude: number, random: () => number) => void;

/** mulberry32: 32 bits of state, uniform in 0…1; small, and the same in every engine. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Near enough to normal, of variance 1: four uniform numbers. */
function normal(random: () => number): number {
  return (random() + random() + random() + random() - 2) * Math.sqrt(3);
}

const room: Place = (samples, amplitude, random) => {
  for (let i = 0; i < samples.length; i++) samples[i] = amplitude * normal(random);
};

/** Low-pass noise, as of a motor or far traffic. */
const traffic: Place = (samples, amplitude, random) => {
  let low = 0;
  for (let i = 0; i < samples.length; i++) {
    low += 0.1 * (normal(random) - low);
    samples[i] = amplitude * low * 4.36; // a one-pole low-pass of 0.1 leaves 0.1 / 1.9 of the power
  }
};

/** The same, swelling by some dB every few seconds. */
const wind: Place = (samples, amplitude, random) => {
  traffic(samples, amplitude, random);
  let swell = 0;
  let target = 0;
  for (let i = 0; i < samples.length; i++) {
    if (i % (3 * SAMPLE_RATE) === 0) target = (random() - 0.5) * 12;
    swell += (target - swell) / SAMPLE_RATE;
    samples[i] *= 10 ** (swell / 20);
  }
};

/** A mains hum, louder than the noise. */
const hum: Place = (samples, amplitude, random) => {
  for (let i = 0; i < samples.length; i++) {
    samples[i] = amplitude * (1.3 * Math.sin((2 * Math.PI * 50 * i) / SAMPLE_RATE) + 0.4 * normal(random));
  }
};

/** A clock: each second a tick of 5 ms, 20 dB above the noise. */
const clock: Place = (samples, amplitude, random) => {
  for (let i = 0; i < samples.length; i++) {
    const ticks = i % SAMPLE_RATE < 80 ? 10 : 1;
    samples[i] = amplitude * ticks * normal(random);
  }
};

export const PLACES = { room, traffic, wind, hum, clock };

/** A sound of −1…1. */
export type Sound = (random: () => number) => Float32Array;

const shaped = (seconds: number, at: (t: number, random: () => number) => number): Sound => {
  return (random) =>
    Float32Array.from({ length: seconds * SAMPLE_RATE }, (_, i) => at(i / SAMPLE_RATE, random));
};

/** Sounds of several kinds: 0.25 to 3 s. */
export const SOUNDS = {
  clap: shaped(0.25, (t, random) => (random() * 2 - 1) * Math.exp(-t * 12)),
  bark: shaped(0.3, (t, random) => Math.sin(Math.PI * (t / 0.3)) * (random() * 2 - 1)),
  beep: shaped(0.5, (t) => Math.sin(2 * Math.PI * 1000 * t)),
  chirp: shaped(1, (t) => Math.sin(2 * Math.PI * (2000 + 1500 * t) * t) * Math.min(1, t * 20)),
  knocks: shaped(1.5, (t, random) => (random() * 2 - 1) * Math.exp(-(t % 0.3) * 25)),
  engine: shaped(
    3,
    (t) => (Math.sin(2 * Math.PI * 80 * t) + Math.sin(2 * Math.PI * 160 * t)) * 0.5 * Math.min(1, t),
  ),
};

export interface SceneOptions {
  readonly seed: number;
  readonly place: Place;
  readonly sounds: readonly Sound[];
  readonly seconds: number;
  /** RMS of the place, dBFS. */
  readonly noiseDbfs: number;
  /** Peak of each sound above the peaks of the place, dB. */
  readonly aboveDb: number;
  /** Seconds between sounds, at least. */
  readonly every: number;
}

/** Largest sample of a stretch. */
function peakOf(samples: Float32Array): number {
  return samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
}

/** Puts sounds into a place, at times that are random and known. */
export function makeScene({ seed, place, sounds, seconds, noiseDbfs, aboveDb, every }: SceneOptions): Scene {
  const random = seededRandom(seed);
  const samples = new Float32Array(seconds * SAMPLE_RATE);
  place(samples, 10 ** (noiseDbfs / 20), random);
  const quiet = usualPeak(samples);
  const placed: Placed[] = [];
  for (let at = every; at + every < seconds; at += every * (1 + random())) {
    const sound = sounds[placed.length % sounds.length](random);
    const from = Math.round(at * SAMPLE_RATE);
    const gain = (quiet * 10 ** (aboveDb / 20)) / peakOf(sound);
    for (let i = 0; i < sound.length; i++) samples[from + i] += gain * sound[i];
    placed.push({ start: at, end: at + sound.length / SAMPLE_RATE });
  }
  return { samples, sounds: placed };
}

/** Median of the peaks of 100 ms. */
function usualPeak(samples: Float32Array): number {
  const window = SAMPLE_RATE / 10;
  const peaks = Array.from({ length: samples.length / window }, (_, i) => {
    return peakOf(samples.subarray(i * window, (i + 1) * window));
  });
  return peaks.sort((a, b) => a - b)[peaks.length >> 1];
}

/** Levels of samples as a recorder of 16 bits makes them. */
export function measureScene(samples: Float32Array): Levels {
  const pcm = Int16Array.from(samples, (sample) =>
    Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768))),
  );
  const meter = new LevelMeter(SAMPLE_RATE, 1, 16);
  meter.add(new Uint8Array(pcm.buffer), 0, pcm.byteLength);
  return meter.levels();
}

/** How well events fit the sounds that are there; times in seconds. */
export interface Verdict {
  readonly found: number;
  readonly missed: number;
  /** Events where no sound is. */
  readonly wrong: number;
  /** Seconds by which the onsets are off. */
  readonly onsets: number[];
}

/** A sound is found if an event overlaps it; an event is wrong if it overlaps none. To 0.2 s. */
export function judge(sounds: readonly Placed[], events: readonly Placed[]): Verdict {
  const meets = (a: Placed, b: Placed) => a.start < b.end + 0.2 && b.start < a.end + 0.2;
  const found = sounds.filter((sound) => events.some((event) => meets(sound, event)));
  const onsets = found.map((sound) => {
    const event = events.find((each) => meets(sound, each));
    return event === undefined ? Number.NaN : event.start - sound.start;
  });
  const wrong = events.filter((event) => !sounds.some((sound) => meets(sound, event))).length;
  return { found: found.length, missed: sounds.length - found.length, wrong, onsets };
}
