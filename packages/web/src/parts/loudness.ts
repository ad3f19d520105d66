/**
 * Colours of loudness: viridis, which is perceptually even, readable without colour vision, and the same in light and
 * dark. A byte of loudness is half decibels above −120 dBFS, as in `GET /levels`; 255 = nothing was recorded.
 */

/** dBFS of the darkest colour; what is quieter has it too. */
export const QUIETEST = -72;
/** Nothing was recorded. */
export const NOTHING = 255;

// Polynomials of viridis, largest error under 1 % (Matt Zucker, https://www.shadertoy.com/view/WlfXRN, CC0).
const RED = [
  0.2777273272, 0.1050930431, -0.3308618287, -4.6342304989, 6.2282699363, 4.7763849976, -5.4354558559,
];
const GREEN = [
  0.0054073445, 1.4046135298, 0.2148475594, -5.7991009733, 14.1799333668, -13.7451453777, 4.6458526121,
];
const BLUE = [
  0.3340998053, 1.3845901625, 0.095095163, -19.3324409562, 56.6905526006, -65.3530326333, 26.3124352495,
];

const polynomial = (factors: readonly number[], x: number) =>
  Math.round(
    255 *
      Math.min(
        1,
        Math.max(
          0,
          factors.reduceRight((sum, factor) => sum * x + factor, 0),
        ),
      ),
  );

export type Rgb = readonly [red: number, green: number, blue: number];

/** Where a level stands on the scale: 0 = quietest, 1 = full scale. */
export function shareOf(dbfs: number): number {
  return Math.min(1, Math.max(0, (dbfs - QUIETEST) / -QUIETEST));
}

/** Colour of a level, each part 0 … 255. */
export function rgbOf(dbfs: number): Rgb {
  const x = shareOf(dbfs);
  return [polynomial(RED, x), polynomial(GREEN, x), polynomial(BLUE, x)];
}

/** dBFS of a byte of loudness. */
export function dbfsOfByte(byte: number): number {
  return byte / 2 - 120;
}

/** Byte of a level in dBFS: 0 … 240. */
export function byteOf(dbfs: number): number {
  return Math.round(2 * (Math.min(0, Math.max(-120, dbfs)) + 120));
}

/** Colours of the 256 bytes of loudness, red, green, blue after one another; the last is black and means nothing. */
export const LOUDNESS_RGB: Uint8Array = table();

/** The same as pixels of `ImageData` (of its buffer as Uint32Array, on little-endian machines); nothing = transparent. */
export const LOUDNESS_PIXELS: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  if (byte > 240) return 0;
  const [red, green, blue] = LOUDNESS_RGB.subarray(3 * byte);
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
});

/** The same for `fillStyle`: `rgb(68 1 84)`; nothing = transparent. */
export const LOUDNESS_CSS: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte > 240 ? "transparent" : `rgb(${LOUDNESS_RGB.subarray(3 * byte, 3 * byte + 3).join(" ")})`,
);

function table(): Uint8Array {
  const colours = new Uint8Array(3 * 256);
  for (let byte = 0; byte <= 240; byte++) colours.set(rgbOf(dbfsOfByte(byte)), 3 * byte);
  return colours;
}

/** The scale from quiet to loud as a gradient, for `background`. */
export function loudnessGradient(direction: "to right" | "to top"): string {
  const stops = Array.from(
    { length: 17 },
    (_, i) => `rgb(${rgbOf(QUIETEST - (QUIETEST * i) / 16).join(" ")})`,
  );
  return `linear-gradient(${direction}, ${stops.join(", ")})`;
}
