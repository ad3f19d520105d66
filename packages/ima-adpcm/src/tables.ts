/**
 * The tables of IMA ADPCM, from IMA Digital Audio Focus and Technical Working Groups, "Recommended Practices for
 * Enhancing Digital Audio Compatibility in Multimedia Systems", revision 3.00, 21 October 1992, and those that the
 * coders derive from them, to look up what the reference algorithm there computes for each sample.
 */

/** Which nibble of a byte holds the earlier of its two samples: `low` in IMA and WAV, `high` in Python's audioop. */
export type NibbleOrder = "low" | "high";

/** Step sizes of the quantiser by step index, in units of a 16-bit sample; each about 1.1 times the one before. */
export const STEP_SIZES = Int32Array.of(
  ...[
    7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88,
  ],
  ...[97, 107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658],
  ...[724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660],
  ...[4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493, 10442, 11487, 12635, 13899, 15289, 16818],
  ...[18500, 20350, 22385, 24623, 27086, 29794, 32767],
);

/** The largest step index, 88. */
export const MAX_STEP_INDEX = STEP_SIZES.length - 1;

/** How far a nibble moves the step index, by its magnitude (the lower 3 bits). */
const INDEX_CHANGES = [-1, -1, -1, -1, 2, 4, 6, 8] as const;

/** What a nibble adds to the predictor, by step index × 16 + nibble; −61436 to 61436. */
export const DIFFERENCES = Int32Array.from({ length: 16 * STEP_SIZES.length }, (_, entry) =>
  differenceOf(STEP_SIZES[entry >> 4], entry & 15),
);

/** 16 × the step index after a nibble, by step index × 16 + nibble: where the next sample's row begins. */
export const NEXT_ROWS = Int32Array.from(DIFFERENCES, (_, entry) => 16 * indexAfter(entry >> 4, entry & 15));

/** The step size after a nibble, by step index × 16 + nibble. */
export const NEXT_STEPS = Int32Array.from(NEXT_ROWS, (row) => STEP_SIZES[row >> 4]);

/** 256 × the step index after both nibbles of a byte, by step index × 256 + byte. */
export const ROWS_AFTER_BYTE: Record<NibbleOrder, Uint16Array> = {
  low: rowsAfterByte((index, byte) => indexAfter(indexAfter(index, byte & 15), byte >> 4)),
  high: rowsAfterByte((index, byte) => indexAfter(indexAfter(index, byte >> 4), byte & 15)),
};

/** Bit 3 is the sign; the other bits add step, step ÷ 2 and step ÷ 4 to step ÷ 8, each cut to an integer. */
function differenceOf(step: number, nibble: number): number {
  let difference = step >> 3;
  if (nibble & 4) difference += step;
  if (nibble & 2) difference += step >> 1;
  if (nibble & 1) difference += step >> 2;
  return nibble & 8 ? -difference : difference;
}

function indexAfter(stepIndex: number, nibble: number): number {
  return Math.min(MAX_STEP_INDEX, Math.max(0, stepIndex + INDEX_CHANGES[nibble & 7]));
}

function rowsAfterByte(indexAfterByte: (stepIndex: number, byte: number) => number): Uint16Array {
  return Uint16Array.from(
    { length: 256 * STEP_SIZES.length },
    (_, entry) => 256 * indexAfterByte(entry >> 8, entry & 255),
  );
}
