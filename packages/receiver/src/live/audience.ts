import type { NibbleOrder } from "@audio/ima-adpcm";
import type { FrameTap } from "../ingest/frame-tap.js";
import type { LiveStream } from "../streams.js";
import type { FrameFormat, LiveListener } from "./live-listener.js";

/** All who hear one stream. */
export class Audience implements FrameTap {
  readonly format: FrameFormat;
  readonly #stream: LiveStream;
  readonly #listeners = new Set<LiveListener>();

  constructor(stream: LiveStream) {
    const { sampleRate, channels } = stream.info;
    const { codec } = stream.status;
    this.#stream = stream;
    const { frameSamples } = stream;
    this.format = { sampleRate, channels, frameSamples, codec: codec === "ima-adpcm" ? codec : "pcm16" };
  }

  get size(): number {
    return this.#listeners.size;
  }

  add(listener: LiveListener): void {
    if (this.#listeners.size === 0) this.#stream.listen(this);
    this.#listeners.add(listener);
    const { nibbleOrder = "low" } = this.#stream.status;
    if (nibbleOrder !== "undecided") listener.announce(nibbleOrder);
  }

  remove(listener: LiveListener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size === 0) this.#stream.listen(undefined);
  }

  // One copy for all of them: what the caller has is written over by the next read.
  frame(bytes: Uint8Array, start: number, end: number, order: NibbleOrder): void {
    const message = new Uint8Array(bytes.subarray(start, end));
    for (const listener of this.#listeners) listener.frame(message, order);
  }

  sweep(nowMs: number): void {
    for (const listener of this.#listeners) listener.sweep(nowMs);
  }

  close(code: number, reason: string): void {
    for (const listener of this.#listeners) listener.close(code, reason);
  }

  terminate(): void {
    for (const listener of this.#listeners) listener.terminate();
  }
}
