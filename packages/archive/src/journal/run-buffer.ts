import { nextSequence } from "@audio/protocol";
import { beginRun, completeRun, RUN_FRAMES_OFFSET, type RunPlace } from "./records.js";

// Sequence number in a frame's header.
const SEQ_OFFSET = 8;
const SMALLEST_BYTES = 4096;
// A replayed file makes it grow; a live stream, 3 kB a commit, shall not keep that.
const KEPT_BYTES = 16 * 1024;

/** Runs of frames, gathered as whole records. */
export class RunBuffer {
  #bytes: Buffer = Buffer.alloc(0);
  #filled = 0;
  #runAt = -1;
  #lastFrameAt = 0;

  /** Bytes gathered. */
  get length(): number {
    return this.#filled;
  }

  /** Whether a run was begun and not ended. */
  get running(): boolean {
    return this.#runAt >= 0;
  }

  /** What was gathered; all runs must have ended. */
  get records(): Buffer {
    return this.#bytes.subarray(0, this.#filled);
  }

  begin(place: RunPlace): void {
    this.#makeRoom(RUN_FRAMES_OFFSET);
    beginRun(this.#bytes, this.#filled, place);
    this.#runAt = this.#filled;
    this.#filled += RUN_FRAMES_OFFSET;
  }

  /** Copies the frame in bytes[start, end) behind the run's others. */
  append(bytes: Uint8Array, start: number, end: number): void {
    this.#makeRoom(end - start);
    this.#bytes.set(bytes.subarray(start, end), this.#filled);
    this.#lastFrameAt = this.#filled;
    this.#filled += end - start;
  }

  /** Ends the run in front of sample frame `endIndex`. Returns the sequence number behind its last frame. */
  end(endIndex: number): number {
    const nextSeq = nextSequence(this.#bytes.readUInt32LE(this.#lastFrameAt + SEQ_OFFSET));
    completeRun(this.#bytes, this.#runAt, this.#filled, nextSeq, endIndex);
    this.#runAt = -1;
    return nextSeq;
  }

  clear(): void {
    this.#filled = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.alloc(0);
  }

  #makeRoom(bytes: number): void {
    const wanted = this.#filled + bytes;
    if (wanted <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(SMALLEST_BYTES, wanted, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#filled);
    this.#bytes = grown;
  }
}
