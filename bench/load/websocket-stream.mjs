import { once } from "node:events";
import { connect } from "node:net";
import { ACK_SUBPROTOCOL } from "@audio/protocol";
import { fillFrames, maskedHandshake, WIRE_FRAME_BYTES } from "./frames.mjs";
import { maskedMessage, OPCODES, ServerMessages } from "./websocket-messages.mjs";

/** The key of RFC 6455's example: native/sink.c knows its answer by heart. */
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const NORMAL_CLOSURE = Buffer.from([0x03, 0xe8]);

/** One device: a WebSocket by hand on a bare socket, so that sending costs next to nothing. */
export class WebSocketStream {
  /** Frames handed to the socket. */
  frames = 0;
  /** Milliseconds from writing a frame with a ping behind it to the pong, one per ping answered. */
  /** @type {number[]} */
  answerMs = [];
  /** Acknowledgements received. */
  acknowledgements = 0;
  /** The server ended the connection before we did. */
  dropped = false;
  #closing = false;
  #ended;
  #messages = new ServerMessages();

  /** @param {import("node:net").Socket} socket */
  constructor(socket) {
    this.socket = socket;
    this.#ended = new Promise((resolve) => socket.once("close", resolve));
    socket.on("data", (bytes) => this.#messages.push(bytes, this.#take));
    socket.on("error", () => this.#end());
    socket.on("end", () => this.#end());
  }

  /**
   * Connects, upgrades and sends the handshake.
   * @param {string} url ws://host:port/ws
   * @param {number} index
   * @param {boolean} acknowledged asks to be told what is on disk
   */
  static async open(url, index, acknowledged) {
    const { hostname, port, pathname } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, "connect");
    const path = `${pathname}/bench-${index}`;
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n` +
        (acknowledged ? `Sec-WebSocket-Protocol: ${ACK_SUBPROTOCOL}\r\n\r\n` : "\r\n"),
    );
    await readUpgrade(socket);
    socket.write(maskedHandshake(index));
    return new WebSocketStream(socket);
  }

  /** Bytes written that the kernel has not taken yet. */
  get unsentBytes() {
    return this.socket.writableLength;
  }

  sendFrame() {
    // A buffer of its own for each frame: the socket keeps it while the kernel's buffer is full.
    const frame = Buffer.allocUnsafe(WIRE_FRAME_BYTES);
    fillFrames(frame, this.frames++);
    this.socket.write(frame);
  }

  /** Sends a frame and a ping in one write: the pong tells when the receiver had taken the frame. */
  sendFrameAndPing() {
    const frame = Buffer.allocUnsafe(WIRE_FRAME_BYTES);
    const sentAt = Buffer.alloc(8);
    fillFrames(frame, this.frames++);
    sentAt.writeDoubleLE(performance.now());
    this.socket.write(Buffer.concat([frame, maskedMessage(OPCODES.ping, sentAt)]));
  }

  /**
   * Sends `count` frames as fast as the receiver takes them.
   * @param {number} count
   */
  async sendFrames(count) {
    // 64 kB a write; reused only when the kernel has taken all of it.
    const chunk = Buffer.alloc(356 * WIRE_FRAME_BYTES);
    for (const end = this.frames + count; this.frames < end && !this.dropped; ) {
      const part = chunk.subarray(0, Math.min(chunk.length, (end - this.frames) * WIRE_FRAME_BYTES));
      fillFrames(part, this.frames);
      this.frames += part.length / WIRE_FRAME_BYTES;
      await new Promise((resolve) => this.socket.write(part, resolve));
    }
  }

  /** Closes after everything sent; resolves when the server has hung up, so it has taken all of it. */
  async close() {
    this.#closing = true;
    if (!this.dropped) this.socket.write(maskedMessage(OPCODES.close, NORMAL_CLOSURE));
    await this.#ended;
  }

  #take = (/** @type {number} */ opcode, /** @type {Buffer} */ payload) => {
    if (opcode === OPCODES.ping) this.socket.write(maskedMessage(OPCODES.pong, payload));
    else if (opcode === OPCODES.binary) this.acknowledgements++;
    else if (opcode === OPCODES.pong) this.answerMs.push(performance.now() - payload.readDoubleLE());
    else if (opcode === OPCODES.close) this.#end();
  };

  #end() {
    if (!this.#closing) this.dropped = true;
    this.socket.end();
  }
}

/** @param {import("node:net").Socket} socket */
async function readUpgrade(socket) {
  let answer = "";
  while (!answer.endsWith("\r\n\r\n")) {
    const [bytes] = await once(socket, "data");
    answer += bytes.toString("latin1");
  }
  if (!answer.startsWith("HTTP/1.1 101 ")) throw new Error(`no upgrade: ${answer.slice(0, 200)}`);
}
