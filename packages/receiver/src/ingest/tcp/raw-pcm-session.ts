import type { CloseCause } from "../../events.js";
import type { LiveStream } from "../../streams.js";
import type { IngestContext } from "../ingest-context.js";
import type { Pace } from "../paced-socket.js";
import { PcmFrames, pcmFrameSamples } from "../pcm-frames.js";

export interface RawPcmSessionOptions {
  readonly context: IngestContext;
  readonly device: string;
  readonly peer: string;
  readonly pace: Pace;
}

/** Interleaved PCM without a header, from the first byte on, cut anywhere. */
export class RawPcmSession {
  readonly #context: IngestContext;
  readonly #stream: LiveStream;
  readonly #frameBytes: number;
  readonly #torn: Buffer;
  #tornBytes = 0;
  #batchUs: number | undefined;
  #heard: PcmFrames | undefined;
  #arrivedUs: number | undefined;
  #bytes = 0;

  constructor(options: RawPcmSessionOptions) {
    const { context, device, peer, pace } = options;
    const { sampleRate, channels, bitsPerSample } = context.settings.now.tcp;
    this.#context = context;
    this.#frameBytes = (channels * bitsPerSample) / 8;
    this.#torn = Buffer.alloc(this.#frameBytes);
    this.#stream = context.streams.open({
      source: "tcp",
      device,
      peer,
      streamId: 0,
      sampleRate,
      channels,
      bitsPerSample,
      codec: "raw-pcm",
      frameSamples: pcmFrameSamples(sampleRate),
      binPreamble: new Uint8Array(0),
      counts: () => ({
        frames: 0,
        bytes: this.#bytes,
        lostFrames: 0,
        repeatedFrames: 0,
        arrivedUs: this.#arrivedUs,
        nibbleOrder: undefined,
      }),
      onRelief: () => pace.release(),
      onListen: (tap) => {
        this.#heard = tap && new PcmFrames(this.#stream.info, tap);
        pace.isHeard = tap !== undefined;
      },
    });
  }

  get bytesPerSecond(): number {
    return this.#frameBytes * this.#stream.info.sampleRate;
  }

  /** The disk is behind: the sender must wait until `onRelief`. */
  get congested(): boolean {
    return this.#stream.recorder.congested;
  }

  push(chunk: Buffer): void {
    this.#bytes += chunk.length;
    const start = this.#completeTorn(chunk);
    const whole = chunk.length - start - ((chunk.length - start) % this.#frameBytes);
    if (whole > 0) this.#record(chunk, start, start + whole);
    this.#tornBytes += chunk.copy(this.#torn, this.#tornBytes, start + whole);
  }

  endBatch(): void {
    if (this.#batchUs !== undefined) this.#stream.recorder.end(this.#batchUs);
    this.#batchUs = undefined;
  }

  /** Finalises the recording; a torn last sample frame is no audio. */
  finish(cause: CloseCause, detail: string): void {
    void this.#stream.close(cause, detail);
  }

  // The rest of a sample frame that was cut between two reads; returns how much of the chunk that took.
  #completeTorn(chunk: Buffer): number {
    if (this.#tornBytes === 0) return 0;
    const taken = chunk.copy(this.#torn, this.#tornBytes, 0, this.#frameBytes - this.#tornBytes);
    this.#tornBytes += taken;
    if (this.#tornBytes < this.#frameBytes) return taken;
    this.#record(this.#torn, 0, this.#frameBytes);
    this.#tornBytes = 0;
    return taken;
  }

  #record(bytes: Buffer, start: number, end: number): void {
    const { recorder } = this.#stream;
    if (this.#batchUs === undefined) {
      this.#batchUs = this.#context.clock.monotonicUs();
      this.#arrivedUs = this.#batchUs;
      recorder.begin(this.#batchUs);
    }
    recorder.write(bytes, start, end);
    this.#heard?.push(bytes, start, end);
  }
}
