import { close, openSync, writev } from "node:fs";

const BATCH_BYTES = 128 * 1024;
const HIGH_WATER_BYTES = 4 * BATCH_BYTES;

/**
 * Appends chunks to a file, many to one writev: as cheap as Node writes. Never more than one write under way;
 * `source` is paused while the disk lags.
 */
export class BatchFile {
  /** @type {Buffer[]} */
  #chunks = [];
  #bytes = 0;
  #writing = false;
  #ended = false;
  #paused = false;
  #descriptor;
  #source;

  /**
   * @param {string} file
   * @param {{ pause(): void, resume(): void }} source
   */
  constructor(file, source) {
    this.#descriptor = openSync(file, "w");
    this.#source = source;
  }

  /** @param {Buffer} chunk */
  append(chunk) {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes >= BATCH_BYTES) this.#flush();
    if (this.#bytes > HIGH_WATER_BYTES && !this.#paused) {
      this.#paused = true;
      this.#source.pause();
    }
  }

  end() {
    this.#ended = true;
    this.#flush();
  }

  #flush() {
    if (this.#writing) return;
    if (this.#bytes === 0) {
      if (this.#ended) close(this.#descriptor, throwOnError);
      return;
    }
    const bytes = this.#bytes;
    this.#writing = true;
    writev(this.#descriptor, this.#chunks, (error, written) => {
      if (error || written !== bytes) throw error ?? new Error(`wrote ${written} of ${bytes} bytes`);
      this.#written();
    });
    this.#chunks = [];
    this.#bytes = 0;
  }

  #written() {
    this.#writing = false;
    if (this.#paused) {
      this.#paused = false;
      this.#source.resume();
    }
    if (this.#ended || this.#bytes >= BATCH_BYTES) this.#flush();
  }
}

/** @param {Error | null} error */
function throwOnError(error) {
  if (error) throw error;
}
