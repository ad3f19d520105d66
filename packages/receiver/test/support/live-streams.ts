import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { decodeBlock } from "@audio/ima-adpcm";
import { ACK_SUBPROTOCOL, type Handshake, parseAcknowledgement } from "@audio/protocol";
import { adpcmFrames, handshake, payloadsOf, pcmFrames, tones } from "./audio.js";
import type { Ready } from "./command.js";
import { StreamClient } from "./stream-client.js";

/** A device that a test plays: what it sends, piece by piece, and what should come of each piece. */
export interface Device {
  readonly name: string;
  readonly transport: "websocket" | "tcp";
  /** How its files are called, up to what tells one from the next. */
  readonly files: string;
  readonly opening: readonly Uint8Array[];
  /** Asks to be told what is on disk. */
  readonly acknowledged: boolean;
  readonly pieces: readonly Uint8Array[];
  readonly pieceMs: number;
  /** Its audio as recorded, and how much of it one piece makes. */
  readonly audio: Buffer;
  readonly recordedBytes: number;
}

const SESSION = 1_795_294_862_000n;
const FRAME_SAMPLES = 320;
const FRAMES = { frameSamples: FRAME_SAMPLES };

function decoded(frames: readonly Uint8Array[]): Buffer {
  const out = new Int16Array(FRAME_SAMPLES);
  const parts = payloadsOf(frames).map((block) => {
    const count = decodeBlock(block, 0, block.length, 1, "low", out, 0, FRAME_SAMPLES);
    return Buffer.from(new Uint8Array(out.buffer, 0, count * 2));
  });
  return Buffer.concat(parts);
}

function framed(
  name: string,
  transport: Device["transport"],
  streamId: number,
  seconds: number,
  format: Partial<Handshake> = {},
) {
  const { channels = 1, sampleRate = 16_000, codec } = format;
  const sound = tones(seconds * 16_000, { channels, seed: streamId });
  const cutting = { ...FRAMES, channels };
  const pieces = codec === "ima-adpcm" ? adpcmFrames(sound, cutting) : pcmFrames(sound, cutting);
  const device: Device = {
    name,
    transport,
    files: `stream_${streamId}_`,
    opening: [handshake({ ...format, streamId })],
    acknowledged: false,
    pieces,
    pieceMs: (1000 * FRAME_SAMPLES) / sampleRate,
    audio: codec === "ima-adpcm" ? decoded(pieces) : sound,
    recordedBytes: FRAME_SAMPLES * channels * 2,
  };
  return device;
}

function raw(seconds: number): Device {
  const audio = tones(seconds * 16_000, { seed: 77 });
  const bytes = 1111; // odd, so that every other piece ends within a sample
  const pieces = Array.from({ length: Math.floor(audio.length / bytes) }, (_, i) =>
    audio.subarray(i * bytes, (i + 1) * bytes),
  );
  const pieceMs = (1000 * bytes) / 32_000;
  return {
    name: "raw",
    transport: "tcp",
    files: "20",
    opening: [],
    acknowledged: false,
    pieces,
    pieceMs,
    audio,
    recordedBytes: bytes,
  };
}

const made = new Map<string, readonly Device[]>();

/** One device of every kind, with so much to send; their numbers begin with `firstId`. */
export function devices(seconds: number, firstId = 1): readonly Device[] {
  const key = `${seconds} ${firstId}`;
  const all = made.get(key) ?? newDevices(seconds, firstId);
  made.set(key, all); // a minute of them takes a second to make
  return all;
}

function newDevices(seconds: number, id: number): Device[] {
  const stereo = { channels: 2, sampleRate: 32_000 };
  const sure = framed("acknowledged", "websocket", id + 5, seconds, { timestampMs: SESSION });
  return [
    framed("pcm", "websocket", id, seconds),
    framed("stereo", "websocket", id + 1, seconds, stereo),
    framed("adpcm", "websocket", id + 2, seconds, { codec: "ima-adpcm" }),
    framed("framed", "tcp", id + 3, seconds),
    framed("framed-adpcm", "tcp", id + 4, seconds, { codec: "ima-adpcm" }),
    { ...sure, acknowledged: true },
  ];
}

/** The one kind whose files have no number in their names. */
export const rawDevice = raw;

interface Line {
  write(bytes: Uint8Array): void;
  close(): Promise<unknown>;
  drop(): void;
  /** The last acknowledgement: pieces before it are on disk. */
  readonly acknowledged: number;
}

async function websocketLine(url: string, device: Device): Promise<Line> {
  const client = await StreamClient.connect(url, {}, device.acknowledged ? [ACK_SUBPROTOCOL] : []);
  let acknowledged = 0;
  client.socket.on("message", (message: Buffer) => {
    acknowledged = parseAcknowledgement(new Uint8Array(message)).nextSeq;
  });
  return {
    get acknowledged() {
      return acknowledged;
    },
    write: (bytes) => client.send(bytes),
    close: () => client.close(),
    drop: () => client[Symbol.dispose](),
  };
}

async function tcpLine(address: string): Promise<Line> {
  const [host, port] = address.split(":");
  const socket: Socket = connect({ host, port: Number(port), noDelay: true });
  socket.on("error", () => socket.destroy());
  socket.resume();
  await once(socket, "connect");
  const closed = new Promise((resolve) => socket.once("close", resolve));
  return {
    acknowledged: 0,
    write: (bytes) => socket.writable && socket.write(bytes),
    close: () => {
      socket.end();
      return closed;
    },
    drop: () => socket.destroy(),
  };
}

/** A device at work, in real time. */
export class LiveStream implements Disposable {
  readonly #sentMs: number[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #startMs = performance.now();

  private constructor(
    readonly device: Device,
    private readonly line: Line,
  ) {
    for (const bytes of device.opening) line.write(bytes);
    this.#timer = setInterval(() => this.#sendDue(), device.pieceMs);
  }

  static async start(device: Device, { ws, tcp }: Ready): Promise<LiveStream> {
    const line = device.transport === "websocket" ? websocketLine(`${ws}`, device) : tcpLine(`${tcp}`);
    return new LiveStream(device, await line);
  }

  /** Pieces that the receiver says are on disk. */
  get acknowledgedPieces(): number {
    return this.line.acknowledged;
  }

  /** Pieces that were on their way at this time of `performance.now()`. */
  sentBefore(atMs: number): number {
    const after = this.#sentMs.findIndex((sentMs) => sentMs >= atMs);
    return after < 0 ? this.#sentMs.length : after;
  }

  /** Says goodbye and waits for the other side. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.line.close();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.line.drop();
  }

  #sendDue(): void {
    const { pieces, pieceMs } = this.device;
    const now = performance.now();
    const due = Math.min(pieces.length, (now - this.#startMs) / pieceMs);
    while (this.#sentMs.length < due) {
      this.line.write(pieces[this.#sentMs.length]);
      this.#sentMs.push(now);
    }
  }
}
