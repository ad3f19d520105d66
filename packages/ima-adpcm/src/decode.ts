import {
  BLOCK_HEADER_BYTES,
  blockSampleFrames,
  dataAt,
  dataOffset,
  GROUP_SAMPLES,
  requireRange,
} from "./block.js";
import { DECODE_KERNELS } from "./decode-kernels.js";
import {
  type CoderState,
  predictorOf,
  readHeader,
  type StateWord,
  stateAfter,
  unpackState,
} from "./state.js";
import type { NibbleOrder } from "./tables.js";

/**
 * Decodes the block in `block[start, end)`: per channel a header with the state before the first sample, which is
 * not a sample itself (in a WAV IMA block it is), then nibbles: two samples a byte; in stereo 4 bytes (8 samples)
 * left, 4 bytes right, and so on.
 *
 * @param order which nibble of a byte holds the earlier sample
 * @param out receives 16-bit samples from `outStart` on, in stereo left and right in turn
 * @param maxSampleFrames sample frames (one sample per channel) to write at most; what the block holds beyond them,
 *   such as padding, is left out
 * @param endStates receives each channel's state after the last sample written, such as {@link initialStates} makes
 * @returns sample frames written
 * @throws {RangeError} for other than 1 or 2 channels, a block shorter than its headers, a step index over 88, or
 *   ranges beyond `block` or `out`
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
  const sampleFrames = Math.min(maxSampleFrames, blockSampleFrames(end - start, channels));
  requireRange("block", start, end - start, block.length);
  requireRange("out", outStart, channels * sampleFrames, out.length);
  for (let channel = 0; channel < channels; channel++) {
    const header = readHeader(block, start + channel * BLOCK_HEADER_BYTES);
    const data = dataAt(start, channels, channel);
    const to = outStart + channel;
    const state = decodeChannel(block, data, channels, order, out, to, sampleFrames, header);
    if (endStates !== undefined) unpackState(state, endStates[channel]);
  }
  return sampleFrames;
}

/** Decodes one channel, in whole groups as far as possible; returns the state after the last sample. */
function decodeChannel(
  block: Uint8Array,
  data: number,
  channels: 1 | 2,
  order: NibbleOrder,
  out: Int16Array,
  to: number,
  samples: number,
  header: StateWord,
): StateWord {
  const kernels = order === "low" ? DECODE_KERNELS.low : DECODE_KERNELS.high;
  const kernel = channels === 1 ? kernels.mono : kernels.stereo;
  const groups = Math.floor(samples / GROUP_SAMPLES);
  let state = kernel(block, data, groups, out, to, header);
  for (let sample = groups * GROUP_SAMPLES; sample < samples; sample++) {
    const byte = block[data + dataOffset(sample >> 1, channels)];
    const isLowNibble = (sample % 2 === 0) === (order === "low");
    state = stateAfter(state, isLowNibble ? byte & 15 : byte >> 4);
    out[to + sample * channels] = predictorOf(state);
  }
  return state;
}
