import type { FileHandle } from "node:fs/promises";
import { formatWavHeader, type PcmFormat, WAV_HEADER_BYTES } from "@audio/wav";
import type { FrameSink } from "./ingest/frame-stream.js";

const SILENCE = Buffer.alloc(64 * 1024);

/** A WAV that is written from front to end: audio gathers until `drain`. */
export class WavOutput implements FrameSink {
  readonly #file: FileHandle;
  readonly #format: PcmFormat;
  readonly #frameBytes: number;
  #pending: Buffer[] = [];
  #dataBytes = 0;
  #writtenBytes = 0;

  constructor(file: FileHandle, { sampleRate, channels }: { sampleRate: number; channels: number }) {
    this.#file = file;
    this.#format = { sampleRate, channels, bitsPerSample: 16 };
    this.#frameBytes = channels * 2;
  }

  /** Sample frames so far. */
  get samples(): number {
    return this.#dataBytes / this.#frameBytes;
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    this.#pending.push(Buffer.from(bytes.subarray(start, end)));
    this.#dataBytes += end - start;
  }

  silence(sampleFrames: number): void {
    for (let left = sampleFrames * this.#frameBytes; left > 0; left -= SILENCE.length) {
      this.#pending.push(SILENCE.subarray(0, Math.min(left, SILENCE.length)));
    }
    this.#dataBytes += sampleFrames * this.#frameBytes;
  }

  /** Brings what has gathered to the file. */
  async drain(): Promise<void> {
    const bytes = Buffer.concat(this.#pending);
    this.#pending = [];
    for (let at = 0; at < bytes.length; ) {
      const position = WAV_HEADER_BYTES + this.#writtenBytes;
      const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at, position);
      this.#writtenBytes += bytesWritten;
      at += bytesWritten;
    }
  }

  /** Writes the rest and the header. */
  async finish(): Promise<void> {
    await this.drain();
    await this.#file.write(formatWavHeader(this.#format, this.#dataBytes), 0, WAV_HEADER_BYTES, 0);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** Audio always comes through `write`. */
  readonly reservedSamples = new Int16Array(0);

  reserve(): number {
    return -1;
  }

  commit(): void {
    return;
  }

  // A file has no clock, no frames of its own, and only one segment.
  begin(): void {
    return;
  }

  end(): void {
    return;
  }

  frame(): void {
    return;
  }

  cut(): void {
    return;
  }

  omit(sampleFrames: number): void {
    this.silence(sampleFrames);
  }
}
