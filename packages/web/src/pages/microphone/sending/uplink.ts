import { ACK_SUBPROTOCOL, CLOSE_CODES, formatHandshake, parseAcknowledgement } from "@audio/protocol";
import { frameSamplesOf } from "./framer.js";
import { Outbox } from "./outbox.js";

export type UplinkState =
  | { readonly kind: "connecting" }
  | { readonly kind: "sending" }
  /** It is tried again. */
  | { readonly kind: "away"; readonly why: string }
  /** It is over: somebody has to do something. */
  | { readonly kind: "refused"; readonly why: string };

export interface UplinkOptions {
  /** `ws://…/ws/NAME`, with the token where one is needed. */
  readonly url: string;
  readonly sampleRate: number;
  /** Unix time of the first sample; names the session, so the receiver knows a connection that comes again. */
  readonly startMs: number;
  readonly onState: (state: UplinkState) => void;
}

/** Half an hour of ADPCM at 16 kHz. */
const MAX_BYTES = 16 * 1024 * 1024;
/** No more lies in the browser's own queue: what is there cannot be taken back when the connection breaks. */
const MAX_QUEUED_BYTES = 64 * 1024;
const RETRY_MS = [500, 1_000, 2_000, 4_000, 8_000];
const SUPERSEDED = 4103;
const FAREWELL_MS = 10_000;

/** Sends frames so that none is lost: keeps each until the receiver says it is on its disk, through broken connections. */
export class Uplink {
  readonly outbox = new Outbox(MAX_BYTES);
  private socket: WebSocket | undefined;
  private isGreeted = false;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isOver = false;
  private farewell: (() => void) | undefined;

  constructor(private readonly options: UplinkOptions) {
    this.connect();
  }

  push(messages: readonly Uint8Array<ArrayBuffer>[]): void {
    for (const message of messages) this.outbox.push(message);
    this.flush();
  }

  /** Sends what is left, waits until it is on disk, 10 s at most, and says goodbye. */
  async end(): Promise<void> {
    if (!this.outbox.isEmpty && !this.isOver) {
      const done = new Promise<void>((resolve) => {
        this.farewell = resolve;
      });
      const timer = setTimeout(() => this.farewell?.(), FAREWELL_MS);
      this.flush();
      await done;
      clearTimeout(timer);
    }
    this.close();
  }

  private close(): void {
    this.isOver = true;
    clearTimeout(this.timer);
    this.socket?.close(CLOSE_CODES.normal);
    this.farewell?.();
  }

  private connect(): void {
    this.options.onState({ kind: "connecting" });
    this.isGreeted = false;
    const socket = new WebSocket(this.options.url, [ACK_SUBPROTOCOL]);
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => socket.send(this.handshake());
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => this.acknowledged(data);
    socket.onclose = (event) => this.closed(event);
  }

  private handshake(): Uint8Array<ArrayBuffer> {
    const { sampleRate, startMs } = this.options;
    return formatHandshake({
      streamId: 1,
      sampleRate,
      channels: 1,
      codec: "ima-adpcm",
      frameSamples: frameSamplesOf(sampleRate),
      timestampMs: BigInt(startMs),
    });
  }

  private acknowledged(data: ArrayBuffer): void {
    const { nextSeq } = parseAcknowledgement(new Uint8Array(data));
    if (this.isGreeted) this.outbox.acknowledge(nextSeq);
    else {
      this.isGreeted = true;
      this.failures = 0;
      this.outbox.resume(nextSeq);
      this.options.onState({ kind: "sending" });
    }
    this.flush();
    if (this.outbox.isEmpty) this.farewell?.();
  }

  private flush(): void {
    const { socket } = this;
    if (!this.isGreeted || socket?.readyState !== WebSocket.OPEN) return;
    while (socket.bufferedAmount < MAX_QUEUED_BYTES) {
      const message = this.outbox.take();
      if (message === undefined) return;
      socket.send(message);
    }
  }

  private closed({ code, reason }: CloseEvent): void {
    this.isGreeted = false;
    if (this.isOver) return;
    if (code === CLOSE_CODES.policyViolation || code === SUPERSEDED) {
      this.options.onState({ kind: "refused", why: reason });
      this.close();
      return;
    }
    const why = reason === "" ? "no connection to the receiver" : reason;
    this.options.onState({ kind: "away", why });
    const wait = RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)];
    this.timer = setTimeout(() => this.connect(), wait);
  }
}
