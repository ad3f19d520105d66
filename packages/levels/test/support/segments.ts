import {
  detectSoundEvents,
  type SoundEvent,
  type SoundEventOptions,
  type SoundEventState,
} from "../../src/index.js";

export const SECOND_US = 1_000_000;

/** A second of a track: the level byte of its RMS, and of each of its ten windows' peaks. */
export type Second = readonly number[];

export function trackOf(seconds: readonly Second[]): Uint8Array {
  return Uint8Array.from([1, ...seconds.flat()]);
}

/** Seconds at one level, dBFS: the RMS 10 dB below the peaks, as in noise. */
export function steady(seconds: number, peakDbfs: number): Second[] {
  const peak = (peakDbfs + 120) * 2;
  return new Array<Second>(seconds).fill([Math.max(0, peak - 20), ...new Array<number>(10).fill(peak)]);
}

/** Seconds of which nothing was received. */
export function missing(seconds: number): Second[] {
  return new Array<Second>(seconds).fill(new Array<number>(11).fill(255));
}

/** A stream's segments, one after the other, the state kept as JSON in between. */
export class Stream {
  readonly told: SoundEvent[] = [];
  state: SoundEventState | undefined;
  readonly #options: SoundEventOptions;
  #nowUs: number;

  constructor(options: SoundEventOptions = {}, startUs = 0) {
    this.#options = options;
    this.#nowUs = startUs;
  }

  hear(seconds: readonly Second[]): this {
    const segment = { startUs: this.#nowUs, track: trackOf(seconds) };
    const { events, state } = detectSoundEvents(segment, this.state, this.#options);
    this.told.push(...events);
    this.state = JSON.parse(JSON.stringify(state)) as SoundEventState;
    this.#nowUs = state.endUs;
    return this;
  }

  away(seconds: number): this {
    this.#nowUs += seconds * SECOND_US;
    return this;
  }

  /** Events that are over: start and end in seconds. */
  get ended(): [number, number][] {
    const over = this.told.filter(({ ended }) => ended);
    return over.map(({ startUs, endUs }) => [startUs / SECOND_US, endUs / SECOND_US]);
  }
}
