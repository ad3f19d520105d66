import { BLOCK_HEADER_BYTES, type CoderState, initialStates, type NibbleOrder } from "./block.js";
import { decodeBlock } from "./decode.js";

/**
 * Which order makes block[start, end) end in the state that the header of the next block (next[nextStart…]) carries.
 * undefined if both do (silence) or neither (a gap, or a coder that starts anew with every block).
 * @param maxSampleFrames samples per channel in the block at most
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
  const scratch = new Int16Array((end - start) * 2);
  const fits = (order: NibbleOrder) => {
    const states = initialStates(channels);
    decodeBlock(block, start, end, channels, order, scratch, 0, maxSampleFrames, states);
    return states.every((state, channel) => headerHolds(next, nextStart + channel * BLOCK_HEADER_BYTES, state));
  };
  const low = fits("low");
  return low === fits("high") ? undefined : low ? "low" : "high";
}

function headerHolds(block: Uint8Array, at: number, state: CoderState): boolean {
  const predictor = ((block[at] | (block[at + 1] << 8)) << 16) >> 16;
  return predictor === state.predictor && block[at + 2] === state.stepIndex;
}
