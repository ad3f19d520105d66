import { BLOCK_HEADER_BYTES, blockBytes, codedSamples, dataAt, dataOffset, requireRange } from "./block.js";
import { encodePairs, quantise } from "./encode-kernel.js";
import {
  type CoderState,
  packState,
  predictorOf,
  type StateWord,
  stateAfter,
  stepIndexOf,
  unpackState,
  writeHeader,
} from "./state.js";
import { type NibbleOrder, STEP_SIZES } from "./tables.js";

/**
 * Encodes `sampleFrames` sample frames (one sample per channel) as the IMA reference encoder does, into a block that
 * {@link decodeBlock} reads: per channel a header with the state before the first sample, then nibbles.
 *
 * An odd mono count leaves the last nibble 0. Stereo comes in groups of 8 sample frames; the last one is filled by
 * repeating the last sample frame. Neither counts for the states, so the next block goes on where the last sample
 * ended; a decoder that is told the count ends there too.
 *
 * @param pcm 16-bit samples from `start` on, in stereo left and right in turn
 * @param states one per channel, advanced by this block's samples; a stream's first ones are {@link initialStates}
 * @param out receives {@link blockBytes} bytes from `outStart` on
 * @param order which nibble of a byte gets the earlier sample; default `low`, the IMA and WAV convention
 * @returns bytes written
 * @throws {RangeError} for other than 1 or 2 channels, a state out of range, or ranges beyond `pcm` or `out`
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
  const bytes = blockBytes(sampleFrames, channels);
  requireRange("pcm", start, channels * sampleFrames, pcm.length);
  requireRange("out", outStart, bytes, out.length);
  const firstShift = order === "low" ? 0 : 4;
  for (let channel = 0; channel < channels; channel++) {
    const header = packState(states[channel]);
    writeHeader(out, outStart + channel * BLOCK_HEADER_BYTES, header);
    const data = dataAt(outStart, channels, channel);
    const from = start + channel;
    const state = encodeChannel(pcm, from, channels, sampleFrames, out, data, firstShift, header);
    unpackState(state, states[channel]);
  }
  return bytes;
}

/** Encodes one channel; returns the state after its last sample. */
function encodeChannel(
  pcm: Int16Array,
  from: number,
  channels: 1 | 2,
  samples: number,
  out: Uint8Array,
  data: number,
  firstShift: number,
  header: StateWord,
): StateWord {
  const pairs = samples >> 1;
  const state = encodePairs(pcm, from, channels, pairs, out, data, firstShift, header);
  if (codedSamples(samples, channels) === 2 * pairs) return state;
  return encodeTail(pcm, from, channels, samples, out, data, firstShift, state);
}

/** Encodes what is left after the whole pairs, and the padding; returns the state before the padding. */
function encodeTail(
  pcm: Int16Array,
  from: number,
  channels: 1 | 2,
  samples: number,
  out: Uint8Array,
  data: number,
  firstShift: number,
  before: StateWord,
): StateWord {
  let state = before;
  let after = before;
  for (let sample = samples & ~1; sample < codedSamples(samples, channels); sample++) {
    const isPadding = sample >= samples;
    const target = pcm[from + channels * Math.min(sample, samples - 1)];
    const nibble = isPadding && channels === 1 ? 0 : nibbleFor(target, state);
    state = stateAfter(state, nibble);
    if (!isPadding) after = state;
    const at = data + dataOffset(sample >> 1, channels);
    if (sample % 2 === 0) out[at] = nibble << firstShift;
    else out[at] |= nibble << (4 - firstShift);
  }
  return after;
}

function nibbleFor(sample: number, state: StateWord): number {
  return quantise(sample - predictorOf(state), STEP_SIZES[stepIndexOf(state)]);
}
