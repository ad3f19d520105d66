// IMA Digital Audio Focus and Technical Working Groups, "Recommended Practices for Enhancing Digital Audio
// Compatibility in Multimedia Systems", revision 3.00 (1992), section 6: step sizes and index adjustments.
const STEP_SIZES = [
  7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107, 118,
  130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796, 876, 963, 1060,
  1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132,
  7845, 8630, 9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767,
];
const INDEX_ADJUSTMENTS = [-1, -1, -1, -1, 2, 4, 6, 8];

/** Largest step index. */
export const MAX_STEP_INDEX = STEP_SIZES.length - 1;

/** Step size by step index. */
export const STEP = Int32Array.from(STEP_SIZES);

/** What a nibble adds to the predictor, by step index × 16 + nibble. */
export const DIFFERENCE = new Int32Array(STEP_SIZES.length * 16);

/** The step index that follows, × 16, by step index × 16 + nibble. */
export const NEXT = new Int32Array(STEP_SIZES.length * 16);

for (let stepIndex = 0; stepIndex <= MAX_STEP_INDEX; stepIndex++) {
  for (let nibble = 0; nibble < 16; nibble++) {
    DIFFERENCE[stepIndex * 16 + nibble] = difference(STEP_SIZES[stepIndex], nibble);
    NEXT[stepIndex * 16 + nibble] = nextStepIndex(stepIndex, nibble) * 16;
  }
}

function difference(step: number, nibble: number): number {
  const size = (step >> 3) + (nibble & 4 ? step : 0) + (nibble & 2 ? step >> 1 : 0) + (nibble & 1 ? step >> 2 : 0);
  return nibble & 8 ? -size : size;
}

function nextStepIndex(stepIndex: number, nibble: number): number {
  return Math.min(MAX_STEP_INDEX, Math.max(0, stepIndex + INDEX_ADJUSTMENTS[nibble & 7]));
}
