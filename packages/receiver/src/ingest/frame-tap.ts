import type { NibbleOrder } from "@audio/ima-adpcm";

/** Hears the frames of a stream as they come. */
export interface FrameTap {
  /**
   * Takes the frame message in bytes[start, end), which are valid during the call only.
   * @param order how its nibbles are decoded; means nothing for PCM
   */
  frame(bytes: Uint8Array, start: number, end: number, order: NibbleOrder): void;
}

/** Begins to hand frames to a tap, or ends it (undefined). Nobody listens, nothing is done: one look at a field. */
export type Listen = (tap: FrameTap | undefined) => void;
