import { BLOCK_HEADER_BYTES, type CoderState, GROUP_BYTES, GROUP_SAMPLES, type NibbleOrder } from "./block.js";
import { DIFFERENCE, NEXT } from "./tables.js";

// Decoded nibbles go on from here: the loop below writes it back once.
const state: CoderState = { predictor: 0, stepIndex: 0 };

/**
 * Decodes block[start, end) into out[outStart…], interleaved, at most `maxSampleFrames` per channel. The block begins
 * with one header per channel, the state before its first sample; then nibbles (mono) or groups of 4 bytes left,
 * 4 bytes right (stereo).
 * @param endStates receives the state after the last decoded sample, one per channel
 * @returns sample frames written
 */
export function decodeBlock(
  block: Uint8Array,
  start: number,
  end: number,
  channels: 1 | 2,
  order: NibbleOrder,
  out: Int16Array,
  outStart: number,
  maxSampleFrames: number,
  endStates?: CoderState[],
): number {
  const data = start + channels * BLOCK_HEADER_BYTES;
  const sampleFrames = Math.min(maxSampleFrames, ((end - data) * 2) / channels);
  for (let channel = 0; channel < channels; channel++) {
    readHeader(block, start + channel * BLOCK_HEADER_BYTES);
    if (channels === 1) decodeMono(block, data, order, out, outStart, sampleFrames);
    else decodeChannel(block, data + channel * GROUP_BYTES, order, out, outStart + channel, sampleFrames);
    if (endStates !== undefined) Object.assign(endStates[channel], state);
  }
  return sampleFrames;
}

function readHeader(block: Uint8Array, at: number): void {
  state.predictor = ((block[at] | (block[at + 1] << 8)) << 16) >> 16;
  state.stepIndex = block[at + 2];
}

function decodeMono(block: Uint8Array, data: number, order: NibbleOrder, out: Int16Array, outStart: number, samples: number): void {
  const firstShift = order === "low" ? 0 : 4;
  const secondShift = 4 - firstShift;
  let predictor = state.predictor;
  let index = state.stepIndex * 16;
  let at = data;
  let to = outStart;
  for (const pairs = outStart + (samples & ~1); to < pairs; to += 2) {
    const byte = block[at++];
    let key = index | ((byte >> firstShift) & 15);
    predictor += DIFFERENCE[key];
    index = NEXT[key];
    if (predictor > 32767) predictor = 32767;
    else if (predictor < -32768) predictor = -32768;
    out[to] = predictor;
    key = index | ((byte >> secondShift) & 15);
    predictor += DIFFERENCE[key];
    index = NEXT[key];
    if (predictor > 32767) predictor = 32767;
    else if (predictor < -32768) predictor = -32768;
    out[to + 1] = predictor;
  }
  state.predictor = predictor;
  state.stepIndex = index >> 4;
  if (samples & 1) out[to] = decodeNibble((block[at] >> firstShift) & 15);
}

function decodeChannel(block: Uint8Array, data: number, order: NibbleOrder, out: Int16Array, outStart: number, sampleFrames: number): void {
  const firstShift = order === "low" ? 0 : 4;
  for (let i = 0; i < sampleFrames; i++) {
    const group = Math.floor(i / GROUP_SAMPLES) * 2 * GROUP_BYTES;
    const byte = block[data + group + ((i % GROUP_SAMPLES) >> 1)];
    out[outStart + i * 2] = decodeNibble((byte >> ((i & 1) === 0 ? firstShift : 4 - firstShift)) & 15);
  }
}

function decodeNibble(nibble: number): number {
  const key = state.stepIndex * 16 + nibble;
  state.predictor = Math.max(-32768, Math.min(32767, state.predictor + DIFFERENCE[key]));
  state.stepIndex = NEXT[key] >> 4;
  return state.predictor;
}
