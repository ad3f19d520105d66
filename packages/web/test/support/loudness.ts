/** How loud recorded days are: quiet nights, birds at dawn, something every few minutes. The same in every run. */

/** dBFS of the background, hour by hour. */
const BACKGROUND = [
  -62, -63, -64, -64, -60, -52, -47, -44, -42, -44, -45, -43, -41, -42, -44, -45, -43, -40, -41, -44, -48,
  -52, -57, -60,
] as const;
/** Sounds of an hour that are louder than it. */
const SOUNDS = [1, 1, 0, 2, 6, 20, 16, 12, 9, 7, 6, 8, 12, 7, 6, 8, 10, 14, 12, 8, 6, 4, 2, 1] as const;
const SLOT_SECONDS = 20;

/** A sound above the background. */
export interface LoudSound {
  /** Of the day. */
  readonly second: number;
  readonly seconds: number;
  readonly dbfs: number;
}

/** The only ones between 03:10 and 03:25: `03:12:05` 3 s, `03:17:30` 4 s, `03:21:40` 2 s. */
const NIGHT_SOUNDS: readonly LoudSound[] = [
  { second: 3 * 3600 + 12 * 60 + 5, seconds: 3, dbfs: -12 },
  { second: 3 * 3600 + 17 * 60 + 30, seconds: 4, dbfs: -8 },
  { second: 3 * 3600 + 21 * 60 + 40, seconds: 2, dbfs: -15 },
];
const NIGHT = { from: 3 * 3600 + 10 * 60, to: 3 * 3600 + 25 * 60 };

/** Peak of a second of a device's day, dBFS. */
export function peakAt(device: number, secondOfDay: number): number {
  return soundAt(device, secondOfDay)?.dbfs ?? backgroundAt(device, secondOfDay);
}

/** A number in 0 … 1 that looks random, of whole numbers. */
export function scattered(...keys: number[]): number {
  let mixed = 0x9e3779b9;
  for (const key of keys) {
    mixed = Math.imul(mixed ^ (key + 1), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35);
    mixed ^= mixed >>> 13;
  }
  return (mixed >>> 0) / 2 ** 32;
}

/** Whether something is louder than the background in the 10 s that begin there. */
export function isLoud(device: number, secondOfDay: number): boolean {
  return Array.from({ length: 10 }, (_, i) => soundAt(device, secondOfDay + i)).some(Boolean);
}

function backgroundAt(device: number, secondOfDay: number): number {
  const hour = Math.floor(secondOfDay / 3600) % 24;
  const next = BACKGROUND[(hour + 1) % 24];
  const slow = BACKGROUND[hour] + ((secondOfDay % 3600) / 3600) * (next - BACKGROUND[hour]);
  return slow - device * 1.5 + 3 * (scattered(device, secondOfDay) - 0.5);
}

function soundAt(device: number, secondOfDay: number): LoudSound | undefined {
  if (secondOfDay >= NIGHT.from && secondOfDay < NIGHT.to)
    return NIGHT_SOUNDS.find(
      ({ second, seconds }) => secondOfDay >= second && secondOfDay < second + seconds,
    );
  const slot = Math.floor(secondOfDay / SLOT_SECONDS);
  const hour = Math.floor(secondOfDay / 3600) % 24;
  const isThere = scattered(device, slot, 1) < (SOUNDS[hour] * SLOT_SECONDS) / 3600;
  const seconds = 2 + Math.floor(scattered(device, slot, 2) * 6);
  const second = slot * SLOT_SECONDS + 4;
  if (!isThere || secondOfDay < second || secondOfDay >= second + seconds) return undefined;
  return { second, seconds, dbfs: -24 + 16 * scattered(device, slot, 3) };
}
