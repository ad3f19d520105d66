/** Which nibble of a byte holds the earlier sample: `low` in IMA and WAV, `high` in Python's audioop. */
export type NibbleOrder = "low" | "high";

/** What a coder carries from sample to sample. */
export interface CoderState {
  /** −32 768 … 32 767 */
  predictor: number;
  /** 0 … 88 */
  stepIndex: number;
}

/** Predictor (i16), step index (u8), reserved (u8): once per channel in front of a block. */
export const BLOCK_HEADER_BYTES = 4;

/** Samples of one channel that stand together in stereo data, and their bytes. */
export const GROUP_SAMPLES = 8;
export const GROUP_BYTES = 4;

/** The state before a stream's first sample, one per channel. */
export function initialStates(channels: 1 | 2): CoderState[] {
  return Array.from({ length: channels }, () => ({ predictor: 0, stepIndex: 0 }));
}

/** Bytes of a block: headers, and ⌈samples/2⌉ (mono) or whole groups of 8 samples a channel (stereo). */
export function blockBytes(sampleFrames: number, channels: 1 | 2): number {
  if (channels === 1) return BLOCK_HEADER_BYTES + Math.ceil(sampleFrames / 2);
  return 2 * (BLOCK_HEADER_BYTES + Math.ceil(sampleFrames / GROUP_SAMPLES) * GROUP_BYTES);
}
