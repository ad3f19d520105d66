// Some thousand lines: what a second of a receiver in trouble has to say.
const MOST_BYTES = 1_000_000;
const BATCH_BYTES = 64 * 1024;

/** Lines on their way to a file: a bounded queue, which counts what it has no room for. */
export class WaitingLines {
  readonly #batchBytes: number;
  #lines: Buffer[] = [];
  #bytes = 0;
  #lost = 0;
  #batch: Buffer | undefined;
  #done = 0;

  /** @param maxBytes of a file: no batch is larger; 0 = no limit */
  constructor(maxBytes: number) {
    this.#batchBytes = maxBytes > 0 ? Math.min(BATCH_BYTES, maxBytes) : BATCH_BYTES;
  }

  add(line: string): void {
    const bytes = Buffer.from(line);
    if (this.#bytes + bytes.byteLength > MOST_BYTES) this.#lost++;
    else {
      this.#lines.push(bytes);
      this.#bytes += bytes.byteLength;
    }
  }

  get isEmpty(): boolean {
    return this.#batch === undefined && this.#lines.length === 0;
  }

  /** Bytes that `next` will give. */
  get nextBytes(): number {
    return this.next()?.byteLength ?? 0;
  }

  /** What is to be written next: whole lines, or the rest of some; undefined when nothing waits. */
  next(): Buffer | undefined {
    this.#batch ??= this.#gather();
    return this.#batch?.subarray(this.#done);
  }

  /** So many bytes of `next` are written. */
  written(bytes: number): void {
    this.#done += bytes;
    if (this.#batch === undefined || this.#done < this.#batch.byteLength) return;
    this.#bytes -= this.#batch.byteLength;
    this.#batch = undefined;
    this.#done = 0;
  }

  /** A line that is written in part comes again as a whole: the rest goes to another file. */
  beginLineAnew(): void {
    if (this.#batch !== undefined && this.#done > 0)
      this.#done = this.#batch.lastIndexOf("\n", this.#done - 1) + 1;
  }

  /** How many lines there was no room for since it was asked last. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  #gather(): Buffer | undefined {
    let bytes = 0;
    let lines = 0;
    for (; lines < this.#lines.length; lines++) {
      bytes += this.#lines[lines].byteLength;
      if (lines > 0 && bytes > this.#batchBytes) break;
    }
    return lines === 0 ? undefined : Buffer.concat(this.#lines.splice(0, lines));
  }
}
