import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { until } from "./waiting.js";

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface RawFrame {
  readonly opcode: number;
  readonly payload: Uint8Array;
  /** Default true. */
  readonly fin?: boolean;
  /** Bits 0x70 of the first byte. */
  readonly reserved?: number;
  /** Four bytes; `false` = unmasked, which no client may do. */
  readonly mask?: Uint8Array | false;
  /** What the header claims, if not the payload's length. */
  readonly claimedBytes?: number;
}

/** The bytes of a client's WebSocket frame (RFC 6455 section 5.2). */
export function rawFrame(frame: RawFrame): Buffer {
  const { opcode, payload, fin = true, reserved = 0, mask = randomBytes(4), claimedBytes } = frame;
  const length = lengthField(claimedBytes ?? payload.length);
  length[0] |= mask === false ? 0 : 0x80;
  const body = mask === false ? payload : payload.map((byte, i) => byte ^ mask[i & 3]);
  return Buffer.concat([
    Buffer.from([(fin ? 0x80 : 0) | reserved | opcode]),
    length,
    mask || new Uint8Array(0),
    body,
  ]);
}

function lengthField(bytes: number): Buffer {
  if (bytes < 126) return Buffer.from([bytes]);
  const field = Buffer.alloc(bytes < 65_536 ? 3 : 9);
  field[0] = bytes < 65_536 ? 126 : 127;
  if (bytes < 65_536) field.writeUInt16BE(bytes, 1);
  else field.writeBigUInt64BE(BigInt(bytes), 1);
  return field;
}

export function binary(payload: Uint8Array): Buffer {
  return rawFrame({ opcode: OPCODE.binary, payload });
}

export function closing(code: number): Buffer {
  return rawFrame({ opcode: OPCODE.close, payload: Buffer.from([code >> 8, code & 0xff]) });
}

export interface RawOptions {
  readonly path?: string;
  readonly method?: string;
  /** Over the right ones; undefined leaves a header out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Bytes sent in one go with the request. */
  readonly head?: Uint8Array;
}

export interface ServerFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** A client that sends any bytes whatever, and sees every byte that comes back. It never answers by itself. */
export class RawWebSocket implements Disposable {
  #received = Buffer.alloc(0);
  #ended = false;

  private constructor(readonly socket: Socket) {
    socket.on("data", (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
    });
    for (const end of ["end", "close"]) {
      socket.on(end, () => {
        this.#ended = true;
      });
    }
    socket.on("error", () => socket.destroy());
  }

  /** Sends the opening handshake and waits for the head of the answer. */
  static async open(port: number, options: RawOptions = {}): Promise<RawWebSocket> {
    // Half-open: the end of the server's side shows, but this side stays, as with a peer that does not care.
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    const client = new RawWebSocket(socket);
    client.send(Buffer.concat([Buffer.from(requestOf(options)), options.head ?? Buffer.alloc(0)]));
    await until("answer to the upgrade", () => client.#headEnd() > 0 || client.#ended);
    return client;
  }

  /** HTTP status of the answer. */
  get status(): number {
    return Number(/^HTTP\/1\.1 (\d+)/.exec(this.#received.toString("latin1"))?.[1]);
  }

  /** The answer's head, and its body when it was no upgrade. */
  get answer(): string {
    return this.#received.toString("latin1");
  }

  /** Whole frames that came so far. */
  get frames(): ServerFrame[] {
    return serverFrames(this.#received.subarray(this.#headEnd()));
  }

  /** Whether the server has ended the connection. */
  get ended(): boolean {
    return this.#ended;
  }

  send(...chunks: readonly Uint8Array[]): this {
    for (const chunk of chunks) this.socket.write(chunk);
    return this;
  }

  /** Code and reason of the server's close frame. */
  async closeFrame(): Promise<{ code: number; reason: string }> {
    const { payload } = await this.frame(OPCODE.close);
    return { code: payload.readUInt16BE(0), reason: payload.toString("utf8", 2) };
  }

  /** The first frame of a kind. */
  frame(opcode: number): Promise<ServerFrame> {
    return until(`frame with opcode ${opcode}`, () => this.frames.find((frame) => frame.opcode === opcode));
  }

  async gone(): Promise<void> {
    await until("end of the connection", () => this.#ended);
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  #headEnd(): number {
    const at = this.#received.indexOf("\r\n\r\n");
    return at < 0 ? 0 : at + 4;
  }
}

function requestOf({ path = "/ws", method = "GET", headers = {} }: RawOptions): string {
  const all: Record<string, string | undefined> = {
    Host: "127.0.0.1",
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
    "Sec-WebSocket-Version": "13",
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}: ${value}`,
  );
  return [`${method} ${path} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}

function serverFrames(bytes: Buffer): ServerFrame[] {
  const frames: ServerFrame[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const short = bytes[at + 1] & 0x7f;
    const wide = short === 127 ? 8 : short === 126 ? 2 : 0;
    if (at + 2 + wide > bytes.length) break;
    const length =
      wide === 8 ? Number(bytes.readBigUInt64BE(at + 2)) : wide === 2 ? bytes.readUInt16BE(at + 2) : short;
    const start = at + 2 + wide;
    if (start + length > bytes.length) break;
    frames.push({ opcode: bytes[at] & 0x0f, payload: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return frames;
}
