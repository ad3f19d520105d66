import { ACK_SUBPROTOCOL, formatAcknowledgement, type Handshake } from "@audio/protocol";
import { onTestFinished } from "vitest";
import { type ReceivedStream, sinkFor, type WebSocketSink } from "./sink.js";

/** What a server has on disk, by session; it outlives the server. */
export class Disk {
  private readonly sessions = new Map<string, Uint8Array[]>();

  /** Payloads by `seq`; holes are frames that were lost. */
  framesOf(handshake: Handshake, url = ""): Uint8Array[] {
    const key = [url, handshake.streamId, handshake.timestampMs].join(" ");
    const frames = this.sessions.get(key) ?? [];
    this.sessions.set(key, frames);
    return frames;
  }

  get size(): number {
    return this.sessions.size;
  }

  /** The frames of the only session. */
  get frames(): Uint8Array[] {
    if (this.sessions.size !== 1) throw new Error(`${this.sessions.size} sessions on the disk`);
    return [...this.sessions.values()][0];
  }

  /** The audio of the only session, joined; without the lost frames. */
  get audio(): Buffer {
    return Buffer.concat(this.frames.filter((frame) => frame !== undefined));
  }
}

interface AcknowledgingOptions {
  port?: number;
  disk?: Disk;
  /** How often frames are written to the disk and acknowledged; 0 = on command only. Default 20. */
  ackEveryMs?: number;
  /** What to say instead of the first acknowledgement's `next_seq`; `undefined` = nothing at all. */
  firstSeq?: (nextSeq: number) => number | undefined;
  onConnection?: (connection: AcknowledgedConnection) => void;
  refuse?: () => number | undefined;
}

/** One connection to a server that keeps what it gets and acknowledges what is on its disk. */
export class AcknowledgedConnection {
  private frames: Uint8Array[] = [];
  private pending: { seq: number; payload: Uint8Array }[] = [];
  private received = 0;
  private dead = false;
  /** Frames that the disk had already. */
  repeated = 0;

  constructor(
    readonly stream: ReceivedStream,
    private readonly disk: Disk,
    private readonly options: AcknowledgingOptions,
  ) {
    stream.socket.on("message", () => this.take());
  }

  /** `seq` of the frame that is expected next. */
  get next(): number {
    return Math.max(this.frames.length, (this.pending.at(-1)?.seq ?? -1) + 1);
  }

  get socket() {
    return this.stream.socket;
  }

  /** Writes what came to the disk, and says so. */
  flush(): void {
    if (this.stream.handshake === undefined) return;
    for (const { seq, payload } of this.pending) this.frames[seq] = payload;
    this.pending = [];
    this.acknowledge(this.frames.length);
  }

  /** What is not on the disk dies with the server, and so does what comes after. */
  die(): void {
    this.dead = true;
    this.pending = [];
    this.socket.terminate();
  }

  acknowledge(nextSeq: number, session = this.stream.handshake?.timestampMs ?? 0n): void {
    if (this.socket.readyState === this.socket.OPEN)
      this.socket.send(formatAcknowledgement({ nextSeq: nextSeq % 2 ** 32, session }));
  }

  private take(): void {
    const { handshake, payloads, sequences, request } = this.stream;
    if (handshake === undefined || this.dead) return;
    if (payloads.length === 0) {
      this.frames = this.disk.framesOf(handshake, request.url);
      const { firstSeq = (seq: number) => seq } = this.options;
      const seq = firstSeq(this.frames.length);
      if (seq !== undefined) this.acknowledge(seq);
      return;
    }
    for (; this.received < payloads.length; this.received++) {
      const seq = sequences[this.received];
      if (seq < this.next) this.repeated++;
      else this.pending.push({ seq, payload: payloads[this.received] });
    }
  }
}

export interface AcknowledgingSink extends WebSocketSink {
  readonly disk: Disk;
  readonly accepted: AcknowledgedConnection[];
}

/** A server for the running test that acknowledges, on a disk of its own or on that of one before it. */
export async function acknowledgingSinkFor(options: AcknowledgingOptions = {}): Promise<AcknowledgingSink> {
  const { disk = new Disk(), ackEveryMs = 20 } = options;
  const accepted: AcknowledgedConnection[] = [];
  const sink = await sinkFor({
    port: options.port,
    refuse: options.refuse,
    subprotocol: () => ACK_SUBPROTOCOL,
    onStream: (stream) => {
      const connection = new AcknowledgedConnection(stream, disk, options);
      accepted.push(connection);
      options.onConnection?.(connection);
    },
  });
  const flushing = setInterval(
    () => {
      for (const connection of accepted) connection.flush();
    },
    ackEveryMs > 0 ? ackEveryMs : 2 ** 30,
  );
  onTestFinished(() => clearInterval(flushing));
  const kill = () => {
    clearInterval(flushing);
    for (const connection of accepted) connection.die();
    return sink.kill();
  };
  return { ...sink, kill, disk, accepted };
}
