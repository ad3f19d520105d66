import { detectNibbleOrder, type NibbleOrder } from "@audio/ima-adpcm";
import { FRAME_HEADER_BYTES, type StreamFormat } from "@audio/protocol";

/** What `auto` says of a stream; `low` and `high` are fixed by configuration. */
export const NIBBLE_ORDERS = ["auto", "low", "high"] as const;
export type NibbleOrderSetting = (typeof NIBBLE_ORDERS)[number];

/**
 * Holds one ADPCM frame back until the header of the next one tells in which order its nibbles are packed: decoded
 * in the right order, a frame ends in exactly the state that the next header carries.
 */
export class HeldFrame {
  readonly #format: StreamFormat;
  #bytes = new Uint8Array(0);
  #length = 0;
  #sinceUs = 0;

  constructor(format: StreamFormat) {
    this.#format = format;
  }

  /** The message held, or undefined. */
  get message(): Uint8Array | undefined {
    return this.#length === 0 ? undefined : this.#bytes.subarray(0, this.#length);
  }

  /** Monotonic time at which it was held back. */
  get sinceUs(): number {
    return this.#sinceUs;
  }

  hold(bytes: Uint8Array, start: number, end: number, nowUs: number): void {
    this.#length = end - start;
    if (this.#bytes.length < this.#length) this.#bytes = new Uint8Array(this.#length);
    this.#bytes.set(bytes.subarray(start, end));
    this.#sinceUs = nowUs;
  }

  clear(): void {
    this.#length = 0;
  }

  /** What the frame message that follows in next[start…] says about the order; undefined if nothing. */
  decide(next: Uint8Array, start: number): NibbleOrder | undefined {
    if (this.#length === 0) return undefined;
    const channels = this.#format.channels as 1 | 2;
    const { frameSamples } = this.#format;
    const block = FRAME_HEADER_BYTES;
    return detectNibbleOrder(this.#bytes, block, this.#length, channels, frameSamples, next, start + block);
  }
}
