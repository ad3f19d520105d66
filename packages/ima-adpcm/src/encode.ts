import { BLOCK_HEADER_BYTES, type CoderState, GROUP_BYTES, GROUP_SAMPLES, type NibbleOrder } from "./block.js";
import { DIFFERENCE, NEXT, STEP } from "./tables.js";

/**
 * Encodes interleaved samples from pcm[start…] into out[outStart…]: header(s) with the state before the first sample,
 * then nibbles. The states advance, so the next block goes on where this one ends. A last group of stereo that is not
 * full repeats the last sample; the unused nibble of an odd mono block is 0 and advances nothing.
 * @returns bytes written
 */
export function encodeBlock(
  pcm: Int16Array,
  start: number,
  sampleFrames: number,
  channels: 1 | 2,
  states: CoderState[],
  out: Uint8Array,
  outStart: number,
  order: NibbleOrder = "low",
): number {
  for (let channel = 0; channel < channels; channel++) writeHeader(states[channel], out, outStart + channel * BLOCK_HEADER_BYTES);
  const data = outStart + channels * BLOCK_HEADER_BYTES;
  if (channels === 1) {
    encodeMono(pcm, start, sampleFrames, states[0], out, data, order);
    return BLOCK_HEADER_BYTES + Math.ceil(sampleFrames / 2);
  }
  for (let channel = 0; channel < 2; channel++) {
    encodeChannel(pcm, start + channel, sampleFrames, states[channel], out, data + channel * GROUP_BYTES, order);
  }
  return 2 * (BLOCK_HEADER_BYTES + Math.ceil(sampleFrames / GROUP_SAMPLES) * GROUP_BYTES);
}

function writeHeader(state: CoderState, out: Uint8Array, at: number): void {
  out[at] = state.predictor;
  out[at + 1] = state.predictor >> 8;
  out[at + 2] = state.stepIndex;
  out[at + 3] = 0;
}

function encodeMono(pcm: Int16Array, start: number, samples: number, state: CoderState, out: Uint8Array, data: number, order: NibbleOrder): void {
  const firstShift = order === "low" ? 0 : 4;
  for (let i = 0; i < samples; i++) {
    const nibble = encodeSample(pcm[start + i], state);
    if ((i & 1) === 0) out[data + (i >> 1)] = nibble << firstShift;
    else out[data + (i >> 1)] |= nibble << (4 - firstShift);
  }
}

function encodeChannel(pcm: Int16Array, start: number, sampleFrames: number, state: CoderState, out: Uint8Array, data: number, order: NibbleOrder): void {
  const firstShift = order === "low" ? 0 : 4;
  const padded = Math.ceil(sampleFrames / GROUP_SAMPLES) * GROUP_SAMPLES;
  for (let i = 0; i < padded; i++) {
    const nibble = encodeSample(pcm[start + Math.min(i, sampleFrames - 1) * 2], state);
    const at = data + Math.floor(i / GROUP_SAMPLES) * 2 * GROUP_BYTES + ((i % GROUP_SAMPLES) >> 1);
    if ((i & 1) === 0) out[at] = nibble << firstShift;
    else out[at] |= nibble << (4 - firstShift);
  }
}

function encodeSample(sample: number, state: CoderState): number {
  let step = STEP[state.stepIndex];
  let left = sample - state.predictor;
  let nibble = 0;
  if (left < 0) {
    nibble = 8;
    left = -left;
  }
  for (let bit = 4; bit > 0; bit >>= 1, step >>= 1) {
    if (left < step) continue;
    nibble |= bit;
    left -= step;
  }
  const key = state.stepIndex * 16 + nibble;
  state.predictor = Math.max(-32768, Math.min(32767, state.predictor + DIFFERENCE[key]));
  state.stepIndex = NEXT[key] >> 4;
  return nibble;
}
