/** Hands out write buffers of one size and takes them back, so that recording allocates nothing per write. */
export class BlockPool {
  readonly blockBytes: number;
  readonly #free: Buffer[] = [];
  readonly #keep: number;

  /** @param keep blocks kept for reuse at most; more are left to the garbage collector */
  constructor(blockBytes: number, keep: number) {
    this.blockBytes = blockBytes;
    this.#keep = keep;
  }

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.blockBytes);
  }

  give(block: Buffer): void {
    if (this.#free.length < this.#keep) this.#free.push(block);
  }
}
