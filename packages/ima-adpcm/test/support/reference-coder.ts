// IMA ADPCM of one channel word for word after the reference algorithm of the IMA's recommended practices (1992):
// no tables but the two printed there, one bit after the other. Slow, and not made from the code under test.
import type { CoderState } from "../../src/index.js";

const STEPS = [
  7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97,
  107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724,
  796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026,
  4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500,
  20350, 22385, 24623, 27086, 29794, 32767,
];
const INDEX_CHANGES = [-1, -1, -1, -1, 2, 4, 6, 8];

const limit = (value: number, least: number, most: number) => Math.max(least, Math.min(most, value));

/** Advances `state` by one nibble and returns the sample. */
export function decodeNibble(state: CoderState, nibble: number): number {
  const step = STEPS[state.stepIndex];
  let difference = step >> 3;
  if (nibble & 4) difference += step;
  if (nibble & 2) difference += step >> 1;
  if (nibble & 1) difference += step >> 2;
  state.predictor = limit(state.predictor + (nibble & 8 ? -difference : difference), -32768, 32767);
  state.stepIndex = limit(state.stepIndex + INDEX_CHANGES[nibble & 7], 0, 88);
  return state.predictor;
}

/** Advances `state` by one sample and returns its nibble. */
export function encodeSample(state: CoderState, sample: number): number {
  let step = STEPS[state.stepIndex];
  let rest = Math.abs(sample - state.predictor);
  let nibble = sample < state.predictor ? 8 : 0;
  for (const bit of [4, 2, 1]) {
    if (rest >= step) {
      nibble |= bit;
      rest -= step;
    }
    step >>= 1;
  }
  decodeNibble(state, nibble);
  return nibble;
}
