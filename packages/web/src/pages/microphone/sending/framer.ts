import { blockBytes, encodeBlock, initialStates } from "@audio/ima-adpcm";
import { formatFrame } from "@audio/protocol";

/** Frames are 20 ms long. */
const FRAMES_PER_SECOND = 50;

/** Samples of a full frame. */
export function frameSamplesOf(sampleRate: number): number {
  return Math.round(sampleRate / FRAMES_PER_SECOND);
}

/** Turns samples into numbered frame messages of IMA ADPCM, one channel. */
export class Framer {
  private readonly states = initialStates(1);
  private readonly pending: Int16Array;
  private filled = 0;
  private seq = 0;

  constructor(sampleRate: number) {
    this.pending = new Int16Array(frameSamplesOf(sampleRate));
  }

  /** The frames that samples (−1 … 1) complete. */
  push(samples: Float32Array): Uint8Array<ArrayBuffer>[] {
    const messages: Uint8Array<ArrayBuffer>[] = [];
    for (const sample of samples) {
      this.pending[this.filled++] = Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768)));
      if (this.filled === this.pending.length) messages.push(this.frame());
    }
    return messages;
  }

  /** The short last frame, if there is something for it. */
  end(): Uint8Array<ArrayBuffer>[] {
    return this.filled === 0 ? [] : [this.frame()];
  }

  private frame(): Uint8Array<ArrayBuffer> {
    const block = new Uint8Array(blockBytes(this.filled, 1));
    encodeBlock(this.pending, 0, this.filled, 1, this.states, block, 0);
    this.filled = 0;
    return formatFrame("ima-adpcm", this.seq++, block);
  }
}
