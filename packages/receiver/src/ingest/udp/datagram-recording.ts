import {
  DATAGRAM_HEADER_BYTES,
  DATAGRAM_WINDOW,
  datagramSamples,
  datagramTimestampMs,
} from "@audio/protocol";
import type { GapCause } from "@audio/segments";
import type { CloseCause } from "../../events.js";
import type { LiveStream } from "../../streams.js";
import type { IngestContext } from "../ingest-context.js";
import { PcmFrames, pcmFrameSamples } from "../pcm-frames.js";
import { LossLength } from "./loss-length.js";

export interface DatagramRecordingOptions {
  readonly context: IngestContext;
  readonly device: string;
  readonly peer: string;
}

/** One stream of datagrams, in order, on its way into a recording. */
export class DatagramRecording {
  readonly #context: IngestContext;
  readonly #stream: LiveStream;
  readonly #loss: LossLength;
  readonly #frameBytes: number;
  #beganUs: number | undefined;
  #heard: PcmFrames | undefined;
  #nowUs = 0;
  #dropped = 0;
  #datagrams = 0;
  #bytes = 0;
  #lost = 0;
  #repeated = 0;

  constructor({ context, device, peer }: DatagramRecordingOptions) {
    const { sampleRate, channels } = context.settings.now.tcp;
    this.#context = context;
    this.#frameBytes = channels * 2;
    this.#loss = new LossLength(sampleRate);
    this.#stream = context.streams.open({
      source: "udp",
      device,
      peer,
      streamId: 0,
      sampleRate,
      channels,
      bitsPerSample: 16,
      codec: "raw-pcm",
      frameSamples: pcmFrameSamples(sampleRate),
      binPreamble: new Uint8Array(0),
      counts: () => ({
        frames: this.#datagrams,
        bytes: this.#bytes,
        lostFrames: this.#lost,
        repeatedFrames: this.#repeated,
        arrivedUs: this.#datagrams === 0 ? undefined : this.#nowUs,
        nibbleOrder: undefined,
      }),
      onRelief: () => undefined, // a sender over UDP cannot be made to wait, so none does
      onListen: (tap) => {
        this.#heard = tap && new PcmFrames(this.#stream.info, tap);
      },
    });
  }

  /** How many datagrams make a gap that is not filled any more. */
  get maxGap(): number {
    const sampleFrames = Math.max(1, this.#loss.usual);
    return Math.max(DATAGRAM_WINDOW, Math.floor(this.#maxFill / sampleFrames));
  }

  /** Whether the `lost` datagrams before this one are more than a gap: its sender began anew. */
  isBeyondGap(bytes: Uint8Array, lost: number): boolean {
    return this.#loss.of(lost, datagramTimestampMs(bytes)) > this.#maxFill;
  }

  /** The sender began anew: `seq` came where `expectedSeq` was next. */
  restarted(expectedSeq: number, seq: number): void {
    this.#context.events.emit("stream:restart", { stream: this.#stream.info, expectedSeq, seq });
  }

  /** A datagram came again or too late. */
  repeated(): void {
    this.#repeated++;
  }

  /** Takes the next datagram, `lost` ones behind the one before; its audio ends at `nowUs` (monotonic). */
  take(bytes: Uint8Array, lost: number, nowUs: number): void {
    const sampleFrames = (bytes.length - DATAGRAM_HEADER_BYTES) / this.#frameBytes;
    const timestampMs = datagramTimestampMs(bytes);
    if (lost > 0) this.#recordLoss(lost, this.#loss.of(lost, timestampMs));
    this.#datagrams++;
    this.#bytes += bytes.length - DATAGRAM_HEADER_BYTES;
    if (datagramSamples(bytes) === 0) return;
    this.#loss.note(sampleFrames, timestampMs);
    if (this.#stream.recorder.congested) this.#dropped += sampleFrames;
    else this.#record(bytes, nowUs);
  }

  /** All datagrams of a short while have been taken. */
  endBatch(): void {
    if (this.#beganUs !== undefined) this.#stream.recorder.end(this.#nowUs);
    this.#beganUs = undefined;
  }

  /** Finalises the recording; resolves when it is complete. */
  finish(cause: CloseCause, detail: string): Promise<void> {
    this.#accountDropped();
    this.endBatch();
    return this.#stream.close(cause, detail);
  }

  get #maxFill(): number {
    const { gapFillMaxSeconds, tcp } = this.#context.settings.now;
    return gapFillMaxSeconds * tcp.sampleRate;
  }

  #record(bytes: Uint8Array, nowUs: number): void {
    const { recorder } = this.#stream;
    this.#accountDropped();
    this.#nowUs = nowUs;
    if (this.#beganUs === undefined) {
      this.#beganUs = nowUs;
      recorder.begin(nowUs);
    }
    recorder.write(bytes, DATAGRAM_HEADER_BYTES, bytes.length);
    this.#heard?.push(bytes, DATAGRAM_HEADER_BYTES, bytes.length);
  }

  // Before `begin`, which would take the missing time for a stall of the sender.
  #recordLoss(lost: number, sampleFrames: number): void {
    this.#accountDropped();
    this.#lost += lost;
    this.#gap(sampleFrames, "lost-frames");
  }

  // One gap for all that a slow disk cost, not one for each datagram.
  #accountDropped(): void {
    const sampleFrames = this.#dropped;
    this.#dropped = 0;
    if (sampleFrames > 0) this.#gap(sampleFrames, "overload");
  }

  #gap(sampleFrames: number, cause: GapCause): void {
    const { recorder } = this.#stream;
    const fill = this.#context.settings.now.gapFill === "silence" && sampleFrames <= this.#maxFill;
    if (fill) recorder.silence(sampleFrames, cause);
    else recorder.omit(sampleFrames, cause);
  }
}
