// Encodings whose sample frames stand alone. A frame torn by a cut waits in `#torn` for its other bytes.
import type { SampleConverter } from "./linear.js";
import { OutputBuffer } from "./output-buffer.js";

export class FrameReader {
  readonly #convert: SampleConverter;
  readonly #channels: number;
  readonly #torn: Uint8Array;
  readonly #output = new OutputBuffer();
  #tornBytes = 0;

  constructor(convert: SampleConverter, channels: number, frameBytes: number) {
    this.#convert = convert;
    this.#channels = channels;
    this.#torn = new Uint8Array(frameBytes);
  }

  get bufferedBytes(): number {
    return this.#tornBytes;
  }

  push(bytes: Uint8Array): Int16Array<ArrayBuffer> {
    const torn = this.#torn;
    const held = this.#tornBytes;
    const frames = Math.floor((held + bytes.byteLength) / torn.byteLength);
    const rest = held + bytes.byteLength - frames * torn.byteLength;
    const out = this.#output.reserve(frames * this.#channels);
    if (frames > 0) this.#convertFrames(bytes, bytes.byteLength - rest, out);
    const kept = frames > 0 ? 0 : held;
    torn.set(bytes.subarray(bytes.byteLength - (rest - kept)), kept);
    this.#tornBytes = rest;
    return out;
  }

  #convertFrames(bytes: Uint8Array, end: number, out: Int16Array): void {
    if (this.#tornBytes === 0) this.#convert(bytes, 0, end, out, 0);
    else this.#convertFromTorn(bytes, end, out);
  }

  #convertFromTorn(bytes: Uint8Array, end: number, out: Int16Array): void {
    const torn = this.#torn;
    const start = torn.byteLength - this.#tornBytes;
    torn.set(bytes.subarray(0, start), this.#tornBytes);
    this.#convert(torn, 0, torn.byteLength, out, 0);
    this.#convert(bytes, start, end, out, this.#channels);
  }
}
