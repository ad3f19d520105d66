import { FRAME_HEADER_BYTES, writeFrameHeader } from "@audio/protocol";
import type { FrameTap } from "./frame-tap.js";

export interface PcmFormat {
  /** Hz */
  readonly sampleRate: number;
  readonly channels: number;
  readonly bitsPerSample: number;
}

// Long enough that headers do not count, short enough that waiting for the end of one is not heard.
const FRAME_SECONDS = 0.04;

/** Sample frames in each of the frames that are made. */
export function pcmFrameSamples(sampleRate: number): number {
  return Math.ceil(sampleRate * FRAME_SECONDS);
}

/** Makes frames of 16-bit PCM of a row of samples without any: of 24 and 32 bits the upper 16 are taken. */
export class PcmFrames {
  readonly #tap: FrameTap;
  readonly #sampleBytes: number;
  readonly #message: Uint8Array;
  #at = FRAME_HEADER_BYTES;
  #seq = 0;

  constructor({ sampleRate, channels, bitsPerSample }: PcmFormat, tap: FrameTap) {
    this.#tap = tap;
    this.#sampleBytes = bitsPerSample / 8;
    const samples = pcmFrameSamples(sampleRate) * channels;
    this.#message = new Uint8Array(FRAME_HEADER_BYTES + samples * 2);
  }

  /** Takes little-endian samples in bytes[start, end), whole ones. */
  push(bytes: Uint8Array, start: number, end: number): void {
    const message = this.#message;
    for (let at = start + this.#sampleBytes - 2; at < end; at += this.#sampleBytes) {
      message[this.#at++] = bytes[at];
      message[this.#at++] = bytes[at + 1];
      if (this.#at === message.length) this.#complete();
    }
  }

  #complete(): void {
    const message = this.#message;
    writeFrameHeader(message, 0, "pcm16", message.length - FRAME_HEADER_BYTES, this.#seq++);
    this.#at = FRAME_HEADER_BYTES;
    this.#tap.frame(message, 0, message.length, "low");
  }
}
