import type { Socket } from "node:net";
import type { AcknowledgedSession, StreamInfo } from "@audio/archive";
import {
  CLOSE_CODES,
  HANDSHAKE_BYTES,
  type Handshake,
  MAX_MESSAGE_BYTES,
  ProtocolError,
  parseHandshake,
} from "@audio/protocol";
import type { CloseCause } from "../../events.js";
import { checkFrameSize, FramedSession } from "../framed-session.js";
import type { IngestContext } from "../ingest-context.js";
import { PacedSocket } from "../paced-socket.js";
import { Acknowledger } from "./acknowledger.js";
import type { LiveSessions } from "./live-sessions.js";
import { type MessageHandler, MessageParser } from "./message-parser.js";
import { Refusal } from "./refusal.js";
import { closeFrame, pingFrame, pongFrame } from "./server-frames.js";

export interface ConnectionOptions {
  readonly context: IngestContext;
  readonly socket: Socket;
  /** Bytes that came behind the upgrade request. */
  readonly head: Buffer;
  readonly peer: string;
  readonly hwid: string | undefined;
  /** Set when the sender asked to be told what is on disk. */
  readonly liveSessions: LiveSessions | undefined;
  readonly onGone: (connection: WebSocketConnection) => void;
}

const INTERNAL_ERROR = 1011;
// How long a peer may take to answer our close before the connection is cut.
const CLOSE_GRACE_MS = 2000;
// A nap may have left frames in the kernel's buffer: they are read, and acknowledged, before we say goodbye.
const LAST_READ_MS = 100;
// A message this far over the legal size is refused as too big rather than as malformed.
const TRANSPORT_SLACK_BYTES = 64 * 1024;

/** One WebSocket that streams audio: handshake, then frames, until somebody closes. */
export class WebSocketConnection implements MessageHandler {
  readonly #options: ConnectionOptions;
  readonly #parser = new MessageParser(this);
  readonly #paced: PacedSocket;
  readonly #openedMs = performance.now();
  #session: FramedSession | undefined;
  #acknowledger: Acknowledger | undefined;
  #closeSent = false;
  #deaf = false;
  #pingedMs = Number.NaN;
  #end: { cause: CloseCause; detail: string } = { cause: "connection-lost", detail: "" };

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { socket, context, head } = options;
    socket.setNoDelay(true);
    socket.setTimeout(0);
    this.#paced = new PacedSocket(socket, context.napWheel, context.settings.now.maxPace, (chunk) =>
      this.#receive(chunk),
    );
    socket.on("error", (error) => this.#lost(error.message));
    socket.on("end", () => socket.end());
    socket.on("close", () => this.#gone());
    if (head.length > 0) this.#receive(head);
  }

  /** Says goodbye; what the peer still sends is recorded until it answers. */
  leave(): void {
    if (!this.#closeSent) this.#end = { cause: "server-stopping", detail: "" };
    this.#paced.finishReading();
    const say = () => this.#closeWhenAcknowledged(CLOSE_CODES.goingAway, "server stopping");
    if (this.#acknowledger === undefined) say();
    else setTimeout(say, LAST_READ_MS);
  }

  /** Ends it: who sends is no longer allowed to. */
  expel(reason: string): void {
    if (!this.#closeSent) this.#refuse(new Refusal(CLOSE_CODES.policyViolation, reason));
  }

  /** The sender has come back on another connection: gives the stream away, with all that was recorded of it. */
  giveUp(): FramedSession | undefined {
    const session = this.#session;
    this.#deaf = true;
    this.#session = undefined;
    this.#acknowledger?.say();
    this.#acknowledger?.fallSilent();
    this.#close(CLOSE_CODES.superseded, "superseded");
    this.#paced.finishReading();
    return session;
  }

  /** Looks after deadlines; called about once a second. */
  sweep(nowMs: number): void {
    if (this.#closeSent) return;
    const { handshakeTimeoutMs, pingMs } = this.#options.context.settings.now;
    if (this.#session === undefined && nowMs - this.#openedMs >= handshakeTimeoutMs) {
      return this.#refuse(
        new Refusal(CLOSE_CODES.policyViolation, `no handshake within ${handshakeTimeoutMs / 1000} s`),
      );
    }
    this.#acknowledger?.sweep(nowMs, this.#paced.held);
    if (this.#paced.held) return;
    const quietMs = nowMs - this.#paced.lastReadMs;
    if (quietMs >= 2 * pingMs && nowMs - this.#pingedMs >= pingMs) this.#die(quietMs);
    else if (quietMs >= pingMs && !(nowMs - this.#pingedMs < pingMs)) this.#ping(nowMs);
  }

  checkLength(bytes: number): void {
    const legal = this.#session?.maxMessageBytes ?? HANDSHAKE_BYTES;
    if (bytes <= legal) return;
    const transport =
      this.#session === undefined
        ? MAX_MESSAGE_BYTES
        : Math.min(MAX_MESSAGE_BYTES, legal * 2 + TRANSPORT_SLACK_BYTES);
    if (bytes > transport) {
      throw new Refusal(
        CLOSE_CODES.messageTooBig,
        `message is ${bytes} bytes, at most ${legal} are allowed here`,
      );
    }
    const fault =
      this.#session?.tooLong(bytes) ?? `invalid handshake: message is ${bytes} bytes, not ${legal}`;
    throw new Refusal(CLOSE_CODES.policyViolation, fault);
  }

  binary(bytes: Buffer, start: number, end: number): void {
    if (this.#session === undefined)
      this.#begin(parseHandshake(bytes.subarray(start, end)), bytes.subarray(start, end));
    else this.#session.frame(bytes, start, end);
  }

  ping(payload: Buffer): void {
    this.#send(pongFrame(payload));
  }

  pong(): void {
    this.#pingedMs = Number.NaN;
  }

  close(code: number | undefined): void {
    if (!this.#closeSent) this.#end = { cause: "peer-closed", detail: "" };
    this.#close(code ?? CLOSE_CODES.normal, "");
    this.#deaf = true;
    this.#options.socket.end();
  }

  #begin(handshake: Handshake, bytes: Buffer): void {
    const { context, peer, hwid, liveSessions } = this.#options;
    const { trouble } = context.gate;
    if (trouble !== undefined) throw new Refusal(CLOSE_CODES.tryAgainLater, trouble);
    checkFrameSize(handshake, context.settings.now);
    const session = liveSessions?.sessionOf(handshake, hwid);
    const pace = this.#paced;
    const taken = session && liveSessions?.take(session, this);
    taken?.moveTo(pace);
    const handshakeBytes = new Uint8Array(bytes);
    const device = hwid;
    const source = "websocket";
    this.#session =
      taken ?? new FramedSession({ context, handshake, handshakeBytes, source, device, peer, pace, session });
    this.#paced.bytesPerSecond = this.#session.bytesPerSecond;
    if (session !== undefined) this.#acknowledge(session, handshake, this.#session.stream);
  }

  #acknowledge(session: AcknowledgedSession, { timestampMs }: Handshake, stream: StreamInfo): void {
    const { context, peer } = this.#options;
    this.#acknowledger = new Acknowledger(session, timestampMs, (frame) => this.#send(frame));
    this.#acknowledger.say();
    const { nextSeq } = session.durable;
    if (session.segments > 0) context.events.emit("stream:resume", { stream, peer, nextSeq });
  }

  #receive(chunk: Buffer): void {
    if (this.#deaf) return;
    try {
      this.#parser.push(chunk);
    } catch (error) {
      this.#refuse(error);
    }
    this.#acknowledger?.heard();
    this.#session?.endBatch();
    if (this.#session?.congested) this.#paced.hold();
  }

  #refuse(error: unknown): void {
    const refusal = asRefusal(error);
    const { context, peer } = this.#options;
    this.#deaf = true;
    this.#end = { cause: "refused", detail: refusal.message };
    context.events.emit("refused", {
      peer,
      listener: "websocket",
      reason: refusal.message,
      code: refusal.closeCode,
    });
    this.#finishSession();
    this.#closeWhenAcknowledged(refusal.closeCode, refusal.message);
    this.#paced.finishReading();
  }

  #closeWhenAcknowledged(code: number, reason: string): void {
    if (this.#acknowledger === undefined || this.#closeSent) this.#close(code, reason);
    else void this.#acknowledger.sayLast().then(() => this.#close(code, reason));
  }

  // The peer's data goes on being read (and thrown away if we are deaf): a reset would destroy our close frame.
  #close(code: number, reason: string): void {
    if (this.#closeSent) return;
    this.#closeSent = true;
    this.#send(closeFrame(code, reason));
    setTimeout(() => this.#options.socket.destroy(), CLOSE_GRACE_MS).unref();
  }

  #send(frame: Buffer): void {
    const { socket } = this.#options;
    if (!socket.writable) return;
    // Only answers are sent: a peer that makes us send and does not read is not streaming audio.
    if (socket.writableLength > 64 * 1024) socket.destroy();
    else socket.write(frame);
  }

  #ping(nowMs: number): void {
    this.#pingedMs = nowMs;
    this.#send(pingFrame());
  }

  #die(quietMs: number): void {
    this.#lost(`nothing heard for ${Math.round(quietMs / 1000)} s, ping not answered`);
    this.#options.socket.destroy();
  }

  #lost(detail: string): void {
    if (!this.#closeSent) this.#end = { cause: "connection-lost", detail };
  }

  #gone(): void {
    this.#finishSession();
    this.#options.onGone(this);
  }

  #finishSession(): void {
    this.#session?.finish(this.#end.cause, this.#end.detail);
    if (this.#acknowledger !== undefined) this.#options.liveSessions?.leave(this.#acknowledger.session, this);
  }
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof ProtocolError) return new Refusal(CLOSE_CODES.policyViolation, error.message);
  // A mistake of ours: it ends this connection, and must not end the recordings of all others.
  return new Refusal(INTERNAL_ERROR, `internal error: ${(error as Error).message}`);
}
