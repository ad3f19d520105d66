/** What counts as a sound event, and how fast a device's background follows what it hears. */
export interface SoundEventOptions {
  /** How far above the background a window of 100 ms must be, dB: 3 to 60, default 10. */
  readonly thresholdDb?: number;
  /** An event ends when nothing was that loud for so long, seconds: 0.1 to 60, default 1. */
  readonly holdSeconds?: number;
  /** How long it must have been that loud in all, seconds: 0.1 to 60, default 0.2. */
  readonly minSeconds?: number;
  /** A longer event is ended, and another begins, seconds: 1 to 86400, default 600. */
  readonly maxSeconds?: number;
  /** What is quieter counts as this, dBFS: −120 to 0, default −90 (the last bit of 16). */
  readonly floorDbfs?: number;
  /** How fast the background rises while the device hears more than it, dB per minute: 0.1 to 600, default 4. */
  readonly riseDbPerMinute?: number;
  /** How fast it falls while the device hears less, dB per minute: 0.1 to 600, default 16. */
  readonly fallDbPerMinute?: number;
  /** A device that was away for longer has its background learned anew, seconds: 1 to 31536000, default 3600. */
  readonly forgetSeconds?: number;
}

/** What is used unless told otherwise. */
export const DEFAULT_SOUND_EVENT_OPTIONS: Required<SoundEventOptions> = {
  thresholdDb: 10,
  holdSeconds: 1,
  minSeconds: 0.2,
  maxSeconds: 600,
  floorDbfs: -90,
  riseDbPerMinute: 4,
  fallDbPerMinute: 16,
  forgetSeconds: 3600,
};

/** Smallest and largest value of each option. */
export const SOUND_EVENT_RANGES: Readonly<Record<keyof SoundEventOptions, readonly [number, number]>> = {
  thresholdDb: [3, 60],
  holdSeconds: [0.1, 60],
  minSeconds: [0.1, 60],
  maxSeconds: [1, 86_400],
  floorDbfs: [-120, 0],
  riseDbPerMinute: [0.1, 600],
  fallDbPerMinute: [0.1, 600],
  forgetSeconds: [1, 31_536_000],
};

/**
 * Options with their defaults.
 * @throws RangeError for a value out of range
 */
export function completeOptions(options: SoundEventOptions): Required<SoundEventOptions> {
  const complete = { ...DEFAULT_SOUND_EVENT_OPTIONS };
  for (const name of Object.keys(SOUND_EVENT_RANGES) as (keyof SoundEventOptions)[]) {
    const value = options[name] ?? complete[name];
    const [least, most] = SOUND_EVENT_RANGES[name];
    if (!(value >= least && value <= most))
      throw new RangeError(`${name} must be ${least} to ${most}, not ${value}`);
    complete[name] = value + 0; // −0 would not outlive JSON
  }
  return complete;
}
