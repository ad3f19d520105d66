import type { GapCause } from "@audio/segments";
import { isLoud, peakAt, scattered } from "./loudness.js";
import { measured, type Placed, type SegmentWriter, type Sound } from "./segment-writer.js";
import { CODE_RATE, speakSecond, spokenAt } from "./time-code.js";

/** Numbers of the devices in the time code. */
export const DEVICES = { kitchen: 0, garden: 1, workshop: 2, porch: 3, attic: 4 } as const;
export type DeviceName = keyof typeof DEVICES;

/** Seconds of a day, the last one not included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A gap of a device. */
export interface Missing extends Span {
  readonly device: DeviceName;
  readonly cause: GapCause;
  /** Silence stands in its place. */
  readonly filled: boolean;
}

export interface DayOptions {
  readonly device: DeviceName;
  /** UTC, microseconds since the epoch, of the day's midnight. */
  readonly midnightUs: number;
  /** Seconds of the day where recording begins and ends (default: all of it). */
  readonly from?: number;
  readonly to?: number;
  /** Of a segment (default 10). */
  readonly segmentSeconds?: number;
  readonly channels?: number;
  /** Where every second is spoken; the rest shares its sound with other hours of its kind. */
  readonly spoken?: readonly Span[];
  readonly missing?: readonly Missing[];
}

export const SECOND_US = 1_000_000;
export const DAY_SECONDS = 86_400;
// Hours that stand for others in segments of ten minutes, which are too large to have one for each.
const KINDS_OF_HOURS = [2, 5, 14];

/** Writes days of devices. */
export class DayRecorder {
  readonly #writer: SegmentWriter;
  readonly #shared = new Map<string, Sound>();
  readonly #slots = new Map<string, number[]>();

  constructor(writer: SegmentWriter) {
    this.#writer = writer;
  }

  day(options: DayOptions): void {
    const { to = DAY_SECONDS, segmentSeconds: seconds = 10, spoken = [], missing = [] } = options;
    for (let { from = 0 } = options; from + seconds <= to; from += seconds) {
      const gap = missing.find((gap) => from + seconds > gap.from && from < gap.to);
      if (gap === undefined || gap.filled) {
        const isSpoken = spoken.some((span) => from >= span.from && from < span.to);
        if (isSpoken) this.#spoken(options, from, seconds, gap);
        else this.#writer.repeated(placed(options, from), this.#sharedSound(options, from, seconds));
      }
    }
  }

  #spoken(options: DayOptions, from: number, seconds: number, gap: Missing | undefined): void {
    const { device, channels = 1, midnightUs } = options;
    const made = samplesOf({ device, from, seconds, channels, isSpoken: true });
    if (gap !== undefined) silence(made, channels, { from: gap.from - from, to: gap.to - from });
    const startUs = midnightUs + (gap?.from ?? 0) * SECOND_US;
    const gaps = gap === undefined ? [] : [{ ...gap, startUs, samples: (gap.to - gap.from) * CODE_RATE }];
    this.#writer.wav(placed(options, from), measured(made, channels), gaps);
  }

  #sharedSound({ device, channels = 1 }: DayOptions, second: number, seconds: number): Sound {
    const from = seconds > 10 ? hourLike(second) : this.#slotLike(DEVICES[device], second);
    const key = `${device} ${from}`;
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const sound = measured(samplesOf({ device, from, seconds, channels, isSpoken: false }), channels);
    this.#shared.set(key, sound);
    return sound;
  }

  /** One of a few slots of the same hour, loud if this one is. */
  #slotLike(device: number, second: number): number {
    const [hour, loud] = [Math.floor(second / 3600), isLoud(device, second)];
    const key = `${device} ${hour} ${loud}`;
    const slots = this.#slots.get(key) ?? slotsOf(device, hour, loud);
    this.#slots.set(key, slots);
    return slots[Math.floor(scattered(device, second) * slots.length)];
  }
}

export function placed({ device, midnightUs }: DayOptions, from: number): Placed {
  const streamId = DEVICES[device] + 1;
  return { device, streamId, source: "websocket", startUs: midnightUs + from * SECOND_US };
}

export interface SoundOptions {
  readonly device: DeviceName;
  /** Second of the day. */
  readonly from: number;
  readonly seconds: number;
  readonly channels: number;
  /** Minutes and seconds too, not the hour alone. */
  readonly isSpoken: boolean;
}

/** What a device hears; of two channels, the second is a steady 3800 Hz, 12 dB lower. */
export function samplesOf({ device, from, seconds, channels, isSpoken }: SoundOptions): Int16Array {
  const samples = new Int16Array(seconds * CODE_RATE * channels);
  for (let second = 0; second < seconds; second++) {
    const { minute, second: of, ...coarse } = spokenAt(DEVICES[device], from + second);
    const parts = isSpoken ? { minute, second: of, ...coarse } : coarse;
    const amplitude = 32_767 * 10 ** (peakAt(DEVICES[device], from + second) / 20);
    speakSecond(samples, second * CODE_RATE, parts, amplitude, channels);
    if (channels === 2) hum(samples, second * CODE_RATE, amplitude / 4);
  }
  return samples;
}

function hum(samples: Int16Array, at: number, amplitude: number): void {
  const wave = Array.from({ length: 40 }, (_, i) =>
    Math.round(amplitude * Math.sin(2 * Math.PI * 0.475 * i)),
  );
  for (let i = 0; i < CODE_RATE; i++) samples[(at + i) * 2 + 1] = wave[i % 40];
}

function silence(samples: Int16Array, channels: number, { from, to }: Span): void {
  samples.fill(0, from * CODE_RATE * channels, to * CODE_RATE * channels);
}

/** A few slots of ten seconds of an hour that are loud, or that are not. */
function slotsOf(device: number, hour: number, loud: boolean): number[] {
  const slots = Array.from({ length: 360 }, (_, i) => hour * 3600 + i * 10);
  return slots.filter((slot) => isLoud(device, slot) === loud).slice(0, 2);
}

function hourLike(second: number): number {
  const hour = Math.floor(second / 3600);
  return KINDS_OF_HOURS.reduce((kind, next) => (next <= hour ? next : kind)) * 3600;
}
