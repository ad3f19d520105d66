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
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;
  #sinceUs = 0;

  constructor(format: StreamFormat) {
    this.#format = format;
  }

  /** The message held, or undefined. */
  get message(): Buffer | undefined {
    return this.#length === 0 ? undefined : this.#bytes.subarray(0, this.#length);
  }

  /** Monotonic time at which it was held back. */
  get sinceUs(): number {
    return this.#sinceUs;
  }

  hold(bytes: Buffer, start: number, end: number, nowUs: number): void {
    if (this.#bytes.length < end - start) this.#bytes = Buffer.allocUnsafeSlow(end - start);
    this.#length = bytes.copy(this.#bytes, 0, start, end);
    this.#sinceUs = nowUs;
  }

  clear(): void {
    this.#length = 0;
  }

  /** What the frame message that follows in next[start…] says about the order; undefined if nothing. */
  decide(next: Buffer, start: number): NibbleOrder | undefined {
    if (this.#length === 0) return undefined;
    const channels = this.#format.channels as 1 | 2;
    const { frameSamples } = this.#format;
    const block = FRAME_HEADER_BYTES;
    return detectNibbleOrder(this.#bytes, block, this.#length, channels, frameSamples, next, start + block);
  }
}
