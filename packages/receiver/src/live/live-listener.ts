import type { LiveFormat } from "@audio/api";
import { FRAME_HEADER_BYTES, payloadSampleFrames } from "@audio/protocol";
import type { RawData, WebSocket } from "ws";

/** What the frames of a stream are, but for the order of nibbles, which shows later. */
export type FrameFormat = Omit<LiveFormat, "nibbleOrder">;

// Audio that waits in our memory, because the kernel takes no more for this listener.
const MOST_WAITING_SECONDS = 0.4;
// Audio on its way, the buffers of the kernel and the network included: those alone hold minutes of ADPCM.
const MOST_UNHEARD_SECONDS = 1;
const PING_EVERY_SECONDS = 0.1;
// Without audio, so that a connection that broke is noticed and one that rests is kept by what lies between.
const IDLE_PING_MS = 10_000;
const STUCK_MS = 30_000;
// Of pongs that wait: a flood of pings that reads no answers must not fill the memory.
const MOST_PONG_BYTES = 4096;
const PING_BYTES = 8;

/**
 * Somebody who hears a stream live. What is too slow for the audio misses frames, and is never behind by more than a
 * second: pings among the frames tell how far it has come.
 */
export class LiveListener {
  readonly #socket: WebSocket;
  readonly #format: FrameFormat;
  readonly #mostWaitingBytes: number;
  #order: LiveFormat["nibbleOrder"] | undefined;
  #sent = 0;
  #pinged = 0;
  #heard = 0;
  #pingedMs: number;
  #heardMs: number;

  constructor(socket: WebSocket, format: FrameFormat, onGone: () => void) {
    const { sampleRate, channels, codec } = format;
    const bytesPerSample = codec === "pcm16" ? 2 : 0.5;
    this.#socket = socket;
    this.#format = format;
    this.#mostWaitingBytes = MOST_WAITING_SECONDS * sampleRate * channels * bytesPerSample;
    this.#pingedMs = this.#heardMs = performance.now();
    socket.on("error", () => socket.terminate());
    socket.on("close", onGone);
    socket.on("message", () => socket.close(1008, "this address is for listening"));
    socket.on("ping", (sent) => {
      if (socket.bufferedAmount < MOST_PONG_BYTES) socket.pong(sent);
    });
    socket.on("pong", (sent) => this.#pong(sent));
  }

  /** Says what the frames that follow are, unless that was said. */
  announce(nibbleOrder: LiveFormat["nibbleOrder"]): void {
    if (this.#order === nibbleOrder) return;
    this.#order = nibbleOrder;
    const format: LiveFormat = { ...this.#format, nibbleOrder };
    this.#socket.send(JSON.stringify(format));
  }

  /** Sends a frame message, which must not be changed; or leaves it out. */
  frame(message: Uint8Array, order: LiveFormat["nibbleOrder"]): void {
    const { sampleRate } = this.#format;
    if (this.#socket.bufferedAmount > this.#mostWaitingBytes) return;
    if (this.#sent - this.#heard > MOST_UNHEARD_SECONDS * sampleRate) return;
    this.announce(order);
    this.#socket.send(message);
    const payloadBytes = message.length - FRAME_HEADER_BYTES;
    this.#sent += payloadSampleFrames(payloadBytes, this.#format);
    if (this.#sent - this.#pinged > PING_EVERY_SECONDS * sampleRate) this.#ping();
  }

  /** Called every few seconds. */
  sweep(nowMs: number): void {
    if (nowMs - this.#heardMs > STUCK_MS) this.#socket.terminate();
    else if (nowMs - this.#pingedMs > IDLE_PING_MS) this.#ping();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #ping(): void {
    const place = Buffer.alloc(PING_BYTES);
    place.writeDoubleLE(this.#sent);
    this.#pinged = this.#sent;
    this.#pingedMs = performance.now();
    this.#socket.ping(place);
  }

  #pong(sent: RawData): void {
    const bytes = sent as Buffer;
    const place = bytes.length === PING_BYTES ? bytes.readDoubleLE() : Number.NaN;
    if (!(place >= this.#heard && place <= this.#pinged)) return;
    this.#heard = place;
    this.#heardMs = performance.now();
  }
}
