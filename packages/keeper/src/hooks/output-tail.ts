import { oneLine } from "./clean-text.js";

const MAX_BYTES = 8192;
const MAX_LINES = 5;

/** The end of what a program printed, however much that is. */
export class OutputTail {
  #bytes = Buffer.alloc(0);

  push(chunk: Uint8Array): void {
    const end = chunk.subarray(Math.max(0, chunk.byteLength - MAX_BYTES));
    const all = Buffer.concat([this.#bytes, end]);
    this.#bytes = Buffer.from(all.subarray(Math.max(0, all.byteLength - MAX_BYTES)));
  }

  /** At most 5 lines, the last ones, without control characters. */
  get lines(): string[] {
    const lines = this.#bytes.toString("utf8").split(/\r?\n/);
    return lines
      .map((line) => oneLine(line).trim())
      .filter((line) => line !== "")
      .slice(-MAX_LINES);
  }
}
