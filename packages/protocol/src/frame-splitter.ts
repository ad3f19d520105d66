import { ProtocolError } from "./errors.js";
import {
  checkFrame,
  FRAME_HEADER_BYTES,
  frameMagic,
  maxFrameBytes,
  readU32,
  type StreamFormat,
} from "./frame.js";

/** Takes a checked frame message in bytes[start, end); the range is valid during the call only. */
export type OnFrame = (bytes: Uint8Array, start: number, end: number, seq: number) => void;

/**
 * Finds the frames in a row of them (framed TCP, a `.bin` file), cut anywhere. Keeps at most one frame, and only
 * after its length was allowed.
 */
export class FrameSplitter {
  readonly #format: StreamFormat;
  readonly #maxPayloadBytes: number;
  #kept = new Uint8Array(0);
  #keptBytes = 0;
  #frames = 0;

  constructor(format: StreamFormat) {
    this.#format = format;
    this.#maxPayloadBytes = maxFrameBytes(format) - FRAME_HEADER_BYTES;
  }

  /** Bytes kept of a frame that is not all there yet; at the end of the input: what is torn. */
  get bufferedBytes(): number {
    return this.#keptBytes;
  }

  /** Whole frames so far. */
  get frames(): number {
    return this.#frames;
  }

  /**
   * Takes the next bytes and calls `onFrame` for each frame that they complete. What is not handed over is copied.
   * @throws ProtocolError `invalid-frame`, or whatever `onFrame` throws; nothing may be pushed after that
   */
  push(chunk: Uint8Array, onFrame: OnFrame): void {
    let at = 0;
    while (this.#keptBytes > 0 && at < chunk.length) at += this.#completeKept(chunk, at, onFrame);
    while (at < chunk.length) {
      const bytes = this.#frameBytes(chunk, at, chunk.length);
      if (at + bytes > chunk.length) return this.#keep(chunk, at, chunk.length, bytes);
      this.#emit(chunk, at, at + bytes, onFrame);
      at += bytes;
    }
  }

  #completeKept(chunk: Uint8Array, at: number, onFrame: OnFrame): number {
    const wanted = this.#frameBytes(this.#kept, 0, this.#keptBytes);
    const taken = Math.min(wanted - this.#keptBytes, chunk.length - at);
    this.#keep(chunk, at, at + taken, wanted);
    const bytes = this.#frameBytes(this.#kept, 0, this.#keptBytes);
    if (this.#keptBytes === bytes) {
      this.#keptBytes = 0;
      this.#emit(this.#kept, 0, bytes, onFrame);
    }
    return taken;
  }

  // The room grows to the frames that come, not to the largest that might: 1 MiB for each of many connections.
  #keep(chunk: Uint8Array, start: number, end: number, wanted: number): void {
    if (this.#kept.length < wanted) {
      const grown = new Uint8Array(wanted);
      grown.set(this.#kept.subarray(0, this.#keptBytes));
      this.#kept = grown;
    }
    this.#kept.set(chunk.subarray(start, end), this.#keptBytes);
    this.#keptBytes += end - start;
  }

  // Size of the frame at `at`; of its header, as long as that is not all there.
  #frameBytes(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < FRAME_HEADER_BYTES) return FRAME_HEADER_BYTES;
    const payloadBytes = readU32(bytes, at + 4);
    const magicFits = readU32(bytes, at) === frameMagic(this.#format.codec);
    if (!magicFits || payloadBytes > this.#maxPayloadBytes) {
      throw new ProtocolError("invalid-frame", `frame ${this.#frames + 1}: ${this.#headerFault(bytes, at)}`);
    }
    return FRAME_HEADER_BYTES + payloadBytes;
  }

  #headerFault(bytes: Uint8Array, at: number): string {
    const { codec, frameSamples } = this.#format;
    if (readU32(bytes, at) === frameMagic(codec)) {
      return `length field says ${readU32(bytes, at + 4)} bytes, at most ${this.#maxPayloadBytes} are allowed (frame_samples ${frameSamples})`;
    }
    const shown = Array.from(bytes.subarray(at, at + 8), (byte) => byte.toString(16).padStart(2, "0"));
    return `${shown.join(" ")} is not the magic of ${codec} and a length`;
  }

  #emit(bytes: Uint8Array, start: number, end: number, onFrame: OnFrame): void {
    const seq = checkFrame(bytes, start, end, this.#format, this.#frames + 1);
    this.#frames++;
    onFrame(bytes, start, end, seq);
  }
}
