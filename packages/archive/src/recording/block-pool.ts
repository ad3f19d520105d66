/** A write buffer, and the views through which audio comes into it. */
export interface Block {
  readonly bytes: Buffer;
  readonly samples: Int16Array;
  readonly words: Int32Array;
}

/** Hands out write buffers of one size and takes them back, so that recording allocates nothing per write. */
export class BlockPool {
  readonly blockBytes: number;
  readonly #free: Block[] = [];
  readonly #keep: number;

  /**
   * @param blockBytes a multiple of 4
   * @param keep blocks kept for reuse at most; more are left to the garbage collector
   */
  constructor(blockBytes: number, keep: number) {
    this.blockBytes = blockBytes;
    this.#keep = keep;
  }

  take(): Block {
    return this.#free.pop() ?? createBlock(this.blockBytes);
  }

  give(block: Block): void {
    if (this.#free.length < this.#keep) this.#free.push(block);
  }
}

function createBlock(bytes: number): Block {
  // Not zeroed: a live stream fills half of it between flushes, and what is never touched costs no memory.
  const buffer = Buffer.allocUnsafeSlow(bytes);
  return { bytes: buffer, samples: new Int16Array(buffer.buffer), words: new Int32Array(buffer.buffer) };
}
