import type { AcknowledgedSession, Source, StreamInfo } from "@audio/archive";
import {
  FRAME_HEADER_BYTES,
  type Handshake,
  maxFrameBytes,
  ProtocolError,
  type StreamFormat,
} from "@audio/protocol";
import type { CloseCause } from "../events.js";
import type { ReceiverSettings } from "../settings.js";
import type { LiveStream } from "../streams.js";
import { FrameStream } from "./frame-stream.js";
import type { IngestContext } from "./ingest-context.js";
import type { Pace } from "./paced-socket.js";

export interface FramedSessionOptions {
  readonly context: IngestContext;
  readonly handshake: Handshake;
  /** As received; its own copy. */
  readonly handshakeBytes: Uint8Array;
  readonly source: Source;
  readonly device: string | undefined;
  readonly peer: string;
  readonly pace: Pace;
  /** The sender is told what is on disk. */
  readonly session?: AcknowledgedSession;
}

const NOTHING = new Uint8Array(0);

/**
 * Holds the frames that a handshake declares against the configured limit.
 * @throws ProtocolError
 */
export function checkFrameSize(handshake: Handshake, { maxMessageBytes }: ReceiverSettings): void {
  const bytes = maxFrameBytes(handshake);
  if (bytes <= maxMessageBytes) return;
  const found = `frame_samples ${handshake.frameSamples} makes frames of up to ${bytes} bytes`;
  const reason = `${found}, at most ${maxMessageBytes} are allowed here (--max-message-kb)`;
  throw new ProtocolError("invalid-handshake", `invalid handshake: ${reason}`);
}

/** A stream with a handshake, from there to its last frame; the same over WebSocket and TCP. */
export class FramedSession {
  readonly #frames: FrameStream;
  readonly #stream: LiveStream;
  readonly #format: StreamFormat;
  #pace: Pace;

  constructor(options: FramedSessionOptions) {
    const { context, handshake, source, device, peer, session } = options;
    const { events, clock } = context;
    const { now: settings } = context.settings;
    const frames = new FrameStream({
      handshake,
      nibbleOrder: settings.devices[device ?? ""]?.nibbleOrder ?? settings.nibbleOrder,
      gapFill: settings.gapFill,
      gapFillMaxSeconds: settings.gapFillMaxSeconds,
      nowUs: () => clock.monotonicUs(),
      resume: session && { nextSeq: session.recorded.nextSeq, order: session.order },
      onNibbleOrder: (order, frame) => {
        if (session !== undefined) session.order = order;
        events.emit("stream:nibble-order", { stream: this.#stream.info, order, frame });
      },
      onRestart: (expectedSeq, seq) =>
        events.emit("stream:restart", { stream: this.#stream.info, expectedSeq, seq }),
    });
    this.#frames = frames;
    this.#pace = options.pace;
    this.#format = handshake;
    this.#stream = context.streams.open({
      source,
      device,
      peer,
      streamId: handshake.streamId,
      sampleRate: handshake.sampleRate,
      channels: handshake.channels,
      bitsPerSample: 16,
      codec: handshake.codec,
      frameSamples: handshake.frameSamples,
      binPreamble: settings.binHandshake ? options.handshakeBytes : NOTHING,
      counts: () => frames.status,
      session,
      onRelief: () => this.#pace.release(),
      onFlush: (nowUs) => frames.flush(nowUs),
      onListen: (tap) => {
        frames.tap = tap;
        this.#pace.isHeard = tap !== undefined;
      },
    });
    frames.recorder = this.#stream.recorder;
  }

  /** Another connection carries the stream from now on. */
  moveTo(pace: Pace): void {
    pace.isHeard = this.#pace.isHeard;
    this.#pace = pace;
    this.#stream.recorder.senderReturned();
  }

  get stream(): StreamInfo {
    return this.#stream.info;
  }

  /** Largest legal frame message. */
  get maxMessageBytes(): number {
    return this.#frames.maxMessageBytes;
  }

  /** What is wrong with a message of this size, over `maxMessageBytes`, in the words of `checkFrame`. */
  tooLong(messageBytes: number): string {
    const { codec, channels, frameSamples } = this.#format;
    const payloadBytes = messageBytes - FRAME_HEADER_BYTES;
    const sampleFrameBytes = channels * 2;
    const found = `frame ${this.#frames.status.frames + 1}: payload is ${payloadBytes} bytes`;
    if (codec === "pcm16" && payloadBytes % sampleFrameBytes !== 0) {
      return `${found}, not a whole number of ${sampleFrameBytes}-byte sample frames`;
    }
    return `${found}, at most ${this.maxMessageBytes - FRAME_HEADER_BYTES} are allowed (frame_samples ${frameSamples})`;
  }

  get bytesPerSecond(): number {
    return this.#frames.bytesPerSecond;
  }

  /** The disk is behind: the sender must wait until `onRelief`. */
  get congested(): boolean {
    return this.#stream.recorder.congested;
  }

  /**
   * Takes the frame message in bytes[start, end).
   * @throws ProtocolError when it is malformed
   */
  frame(bytes: Uint8Array, start: number, end: number): void {
    this.#frames.frame(bytes, start, end);
  }

  /** All frames of one read have been handed over. */
  endBatch(): void {
    this.#frames.endBatch();
  }

  /** Finalises the recording; only the first call counts. */
  finish(cause: CloseCause, detail: string): void {
    this.#frames.finish();
    void this.#stream.close(cause, detail);
  }
}
