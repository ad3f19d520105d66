import { BLOCK_HEADER_BYTES, blockSampleFrames, requireRange } from "./block.js";
import { decodeBlock } from "./decode.js";
import { initialStates, packState, type StateWord } from "./state.js";
import type { NibbleOrder } from "./tables.js";

/** What the trial decodes write and nobody reads; grows to the largest block seen. */
let scratch = new Int16Array(0);

/**
 * Tells in which order a stream's nibbles are packed: decoded in the right one, a block ends in exactly the state
 * that the header of the next block carries.
 *
 * @param block the block is in `block[start, end)`
 * @param maxSampleFrames sample frames in the block at most, as for {@link decodeBlock}
 * @param next the header(s) of the block after it are in `next[nextStart…]`
 * @returns `undefined` if both orders end there (silence) or neither (a gap, a sender that starts every block anew)
 * @throws {RangeError} for a block that {@link decodeBlock} refuses, or headers beyond `next`
 */
export function detectNibbleOrder(
  block: Uint8Array,
  start: number,
  end: number,
  channels: 1 | 2,
  maxSampleFrames: number,
  next: Uint8Array,
  nextStart: number,
): NibbleOrder | undefined {
  const samples = channels * blockSampleFrames(end - start, channels);
  if (scratch.length < samples) scratch = new Int16Array(samples);
  requireRange("next", nextStart, channels * BLOCK_HEADER_BYTES, next.length);
  const states = initialStates(channels);
  const endsInNext = (order: NibbleOrder) => {
    decodeBlock(block, start, end, channels, order, scratch, 0, maxSampleFrames, states);
    return states.every((state, channel) => packState(state) === headerWord(next, nextStart, channel));
  };
  const isLow = endsInNext("low");
  if (isLow === endsInNext("high")) return undefined;
  return isLow ? "low" : "high";
}

/** A header as it stands; one with a step index over 88 equals no state. */
function headerWord(block: Uint8Array, start: number, channel: number): StateWord {
  const at = start + channel * BLOCK_HEADER_BYTES;
  return block[at] | (block[at + 1] << 8) | (block[at + 2] << 16);
}
