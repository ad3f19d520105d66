import type { Socket } from "node:net";
import {
  FrameSplitter,
  HANDSHAKE_BYTES,
  ProtocolError,
  parseHandshake,
  startsHandshake,
} from "@audio/protocol";
import { readTokenLine } from "../../access/credentials.js";
import { TOKEN_PATTERN } from "../../access/token.js";
import type { CloseCause } from "../../events.js";
import { checkFrameSize, FramedSession } from "../framed-session.js";
import type { GatePass } from "../gate.js";
import type { IngestContext } from "../ingest-context.js";
import { PacedSocket } from "../paced-socket.js";
import { addressAsName, peerAddress, peerName } from "../peer-name.js";
import { RawPcmSession } from "./raw-pcm-session.js";

export interface TcpConnectionOptions {
  readonly context: IngestContext;
  readonly socket: Socket;
  readonly pass: GatePass;
  readonly onGone: (connection: TcpConnection) => void;
}

// A version 1 handshake begins with these: magic, version, header length.
const SIGNATURE_BYTES = 8;
// What every handshake begins with, so that audio is known as audio from its first differing byte.
const SIGNATURE = Buffer.from([0x43, 0x50, 0x44, 0x41, 0x01, 0x00, 0x20, 0x00]);

/** One TCP sender: its first bytes tell whether it speaks frames or raw PCM. */
export class TcpConnection {
  readonly #options: TcpConnectionOptions;
  readonly #paced: PacedSocket;
  readonly #peer: string;
  readonly #address: string;
  readonly #openedMs = performance.now();
  #identified = false;
  #start: Buffer = Buffer.alloc(0);
  #take: (chunk: Buffer) => void = (chunk) => this.#identify(chunk);
  #session: FramedSession | RawPcmSession | undefined;
  #end: { cause: CloseCause; detail: string } = { cause: "connection-lost", detail: "" };
  #deaf = false;

  constructor(options: TcpConnectionOptions) {
    this.#options = options;
    const { socket, context } = options;
    this.#peer = peerName(socket);
    this.#address = peerAddress(socket);
    this.#paced = new PacedSocket(socket, context.napWheel, context.settings.now.maxPace, (chunk) =>
      this.#receive(chunk),
    );
    socket.on("error", (error) => {
      this.#end = { cause: "connection-lost", detail: error.message };
    });
    socket.on("end", () => this.#ended());
    socket.on("close", () => this.#gone());
  }

  /** Ends it: who sends is no longer allowed to. */
  expel(reason: string): void {
    if (!this.#deaf) this.#refuse(reason);
  }

  /** Closes a connection that sends nothing, or not what must come first; called about once a second. */
  sweep(nowMs: number): void {
    const { tcp, handshakeTimeoutMs } = this.#options.context.settings.now;
    const { idleTimeoutMs } = tcp;
    const awaited = this.#awaited;
    if (awaited !== undefined && nowMs - this.#openedMs >= handshakeTimeoutMs)
      return this.#refuse(`no ${awaited} within ${handshakeTimeoutMs / 1000} s`);
    if (this.#paced.held || nowMs - this.#paced.lastReadMs < idleTimeoutMs) return;
    this.#end = { cause: "idle", detail: `no data for ${idleTimeoutMs / 1000} s` };
    this.#options.socket.destroy();
  }

  /** The server stops: what is on its way is still recorded until `drop`. */
  leave(): void {
    this.#end = { cause: "server-stopping", detail: "" };
    this.#paced.finishReading();
  }

  drop(): void {
    this.#options.socket.destroy();
  }

  #receive(chunk: Buffer): void {
    if (this.#deaf) return;
    try {
      this.#take(chunk);
    } catch (error) {
      // A mistake of ours ends this connection, and must not end the recordings of all others.
      const { message } = error as Error;
      this.#refuse(error instanceof ProtocolError ? message : `internal error: ${message}`);
    }
    this.#session?.endBatch();
    if (this.#session?.congested) this.#paced.hold();
  }

  // What has to come soon; audio may take its time.
  get #awaited(): string | undefined {
    if (this.#session !== undefined || this.#deaf) return undefined;
    if (!this.#identified && this.#asked) return "token";
    return this.#start.length >= SIGNATURE_BYTES ? "complete handshake" : undefined;
  }

  get #asked(): boolean {
    return this.#options.context.gate.asksForToken(this.#address);
  }

  // Where no token is needed, a device may send one all the same: a line with one of ours is no audio.
  #identify(chunk: Buffer): void {
    const bytes = this.#withStart(chunk);
    const line = readTokenLine(bytes);
    if (line.kind === "incomplete") {
      this.#start = bytes;
      return;
    }
    const shown = line.kind === "token" && (this.#asked || TOKEN_PATTERN.test(line.token));
    if (!this.#admitted(shown ? line.token : undefined)) return;
    this.#start = Buffer.alloc(0);
    this.#take = (rest) => this.#recognise(rest);
    const audio = shown ? bytes.subarray(line.bytes) : bytes;
    if (audio.length > 0) this.#recognise(audio);
  }

  #admitted(token: string | undefined): boolean {
    const refusal = this.#options.pass.identify({ token });
    this.#identified = refusal === undefined;
    if (refusal !== undefined) this.#refuse(refusal.reason);
    return this.#identified;
  }

  #withStart(chunk: Buffer): Buffer {
    return this.#start.length === 0 ? chunk : Buffer.concat([this.#start, chunk]);
  }

  // Keeps at most a handshake, and only as long as the bytes could be one.
  #recognise(chunk: Buffer): void {
    const { trouble } = this.#options.context.gate;
    if (trouble !== undefined) return this.#refuse(trouble);
    const bytes = this.#withStart(chunk);
    const known = Math.min(bytes.length, SIGNATURE_BYTES);
    if (!bytes.subarray(0, known).equals(SIGNATURE.subarray(0, known))) this.#beginRaw(bytes);
    else if (bytes.length < HANDSHAKE_BYTES) this.#start = bytes;
    else this.#beginFrames(bytes);
  }

  #beginRaw(bytes: Buffer): void {
    const { context, pass } = this.#options;
    const device =
      pass.device ?? context.settings.now.devices[this.#address]?.name ?? addressAsName(this.#address);
    const full = pass.occupy(device);
    if (full !== undefined) return this.#refuse(full.reason);
    const session = new RawPcmSession({ context, device, peer: this.#peer, pace: this.#paced });
    this.#begin(session, session.bytesPerSecond);
    this.#take = (chunk) => session.push(chunk);
    session.push(bytes);
  }

  #beginFrames(bytes: Buffer): void {
    const handshakeBytes = new Uint8Array(bytes.subarray(0, HANDSHAKE_BYTES));
    const handshake = parseHandshake(handshakeBytes);
    const { context, pass } = this.#options;
    checkFrameSize(handshake, context.settings.now);
    const common = { context, handshake, handshakeBytes, peer: this.#peer, pace: this.#paced };
    const session = new FramedSession({ ...common, source: "framed-tcp", device: pass.device });
    this.#begin(session, session.bytesPerSecond);
    const splitter = new FrameSplitter(handshake);
    const onFrame = (frame: Uint8Array, start: number, end: number) => session.frame(frame, start, end);
    this.#take = (chunk) => splitter.push(chunk, onFrame);
    this.#take(bytes.subarray(HANDSHAKE_BYTES));
  }

  #begin(session: FramedSession | RawPcmSession, bytesPerSecond: number): void {
    this.#options.context.lobby.leave(this.#options.socket);
    this.#session = session;
    this.#start = Buffer.alloc(0);
    this.#paced.bytesPerSecond = bytesPerSecond;
  }

  #refuse(reason: string): void {
    this.#deaf = true;
    this.#end = { cause: "refused", detail: reason };
    this.#options.context.events.emit("refused", {
      peer: this.#peer,
      listener: "tcp",
      reason,
      code: undefined,
    });
    this.#options.socket.destroy();
  }

  #ended(): void {
    if (this.#end.cause === "connection-lost") this.#end = { cause: "peer-closed", detail: "" };
    this.#options.socket.end();
  }

  // What still waited for the rest of a handshake: audio all the same, unless its first 8 bytes say otherwise.
  #takeStart(): void {
    const start = this.#start;
    if (this.#session !== undefined || this.#deaf || start.length === 0) return;
    if (!this.#identified && !this.#admitted(undefined)) return;
    if (startsHandshake(start)) {
      this.#refuse(`invalid handshake: connection ended after ${start.length} of ${HANDSHAKE_BYTES} bytes`);
    } else this.#beginRaw(start);
  }

  #gone(): void {
    this.#takeStart();
    this.#session?.endBatch();
    this.#session?.finish(this.#end.cause, this.#end.detail);
    this.#options.onGone(this);
  }
}
