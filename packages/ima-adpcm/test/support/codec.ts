import {
  blockBytes,
  type CoderState,
  decodeBlock,
  encodeBlock,
  initialStates,
  type NibbleOrder,
} from "../../src/index.js";

/** One block of all of `pcm`; `states` are advanced. */
export function encode(
  pcm: Int16Array,
  channels: 1 | 2,
  order: NibbleOrder = "low",
  states: CoderState[] = initialStates(channels),
): Uint8Array {
  const sampleFrames = pcm.length / channels;
  const block = new Uint8Array(blockBytes(sampleFrames, channels));
  encodeBlock(pcm, 0, sampleFrames, channels, states, block, 0, order);
  return block;
}

/** Everything in `block`, or `sampleFrames` of it, and the states at the end. */
export function decode(
  block: Uint8Array,
  channels: 1 | 2,
  order: NibbleOrder = "low",
  sampleFrames = Number.MAX_SAFE_INTEGER,
): { pcm: Int16Array; states: CoderState[] } {
  const out = new Int16Array(2 * channels * block.length);
  const states = initialStates(channels);
  const decoded = decodeBlock(block, 0, block.length, channels, order, out, 0, sampleFrames, states);
  return { pcm: out.subarray(0, decoded * channels), states };
}

/** Every `channels`-th sample. */
export function channelOf(pcm: Int16Array, channels: number, channel: number): Int16Array {
  return pcm.filter((_, index) => index % channels === channel);
}

/** Interleaves two channels of one length. */
export function interleave(left: Int16Array, right: Int16Array): Int16Array {
  return Int16Array.from({ length: 2 * left.length }, (_, index) =>
    index % 2 === 0 ? left[index / 2] : right[(index - 1) / 2],
  );
}
