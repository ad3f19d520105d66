import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { maskedMessage, OPCODES } from "../load/websocket-messages.mjs";

const GOODBYE_MS = 15_000;
// What a socket may have waiting before its owner waits too.
const MOST_WAITING_BYTES = 256 * 1024;

/** A connection of a device, over WebSocket or bare TCP. */
export class Line {
  #socket;
  #wrap;
  #closed;

  /**
   * @param {import("node:net").Socket} socket
   * @param {(message: Uint8Array) => Uint8Array} wrap
   */
  constructor(socket, wrap) {
    this.#socket = socket;
    this.#wrap = wrap;
    this.#closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => socket.destroy());
    socket.on("end", () => socket.end());
    socket.resume();
  }

  /**
   * A WebSocket to `url` (ws://host:port/ws), path and all.
   * @param {string} url
   */
  static async webSocket(url) {
    const { hostname, port, pathname } = new URL(url);
    const socket = await dial({ host: hostname, port: Number(port) });
    const key = randomBytes(16).toString("base64");
    socket.write(
      `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    );
    const [answer] = await once(socket, "data");
    if (!String(answer).startsWith("HTTP/1.1 101 ")) {
      socket.destroy();
      throw new Error(`no WebSocket: ${String(answer).split("\r\n", 1)[0]}`);
    }
    return new Line(socket, (message) => maskedMessage(OPCODES.binary, message));
  }

  /**
   * @param {string} address host:port
   * @param {string} localAddress by which the receiver knows a raw stream
   */
  static async tcp(address, localAddress) {
    const [host, port] = address.split(":");
    return new Line(await dial({ host, port: Number(port), localAddress }), (message) => message);
  }

  /** Whether the other side, or the network, has ended it. */
  get lost() {
    return !this.#socket.writable;
  }

  /** @param {Uint8Array} message */
  async send(message) {
    this.#socket.write(this.#wrap(message));
    if (this.#socket.writableLength > MOST_WAITING_BYTES)
      await Promise.race([once(this.#socket, "drain"), this.#closed]);
  }

  /**
   * Bytes of a message in many small writes.
   * @param {Uint8Array} message
   * @param {number} pieceBytes
   */
  async dribble(message, pieceBytes) {
    const wire = this.#wrap(message);
    for (let at = 0; at < wire.length; at += pieceBytes) {
      this.#socket.write(wire.subarray(at, at + pieceBytes));
      await new Promise(setImmediate);
    }
  }

  /**
   * The first half of a message.
   * @param {Uint8Array} message
   */
  half(message) {
    const wire = this.#wrap(message);
    this.#socket.write(wire.subarray(0, wire.length >> 1));
  }

  /** Asks for answers, and reads none of them. */
  nag() {
    this.#socket.pause();
    for (let i = 0; i < 1000; i++) this.#socket.write(maskedMessage(OPCODES.ping, Buffer.alloc(100)));
  }

  /** Says goodbye, and waits until the other side has hung up. */
  async close() {
    if (this.#wrap(Buffer.alloc(1)).length > 1)
      this.#socket.write(maskedMessage(OPCODES.close, Buffer.from([3, 232])));
    else this.#socket.end();
    const patience = setTimeout(() => this.#socket.destroy(), GOODBYE_MS);
    await this.#closed;
    clearTimeout(patience);
  }

  /** Ends without a word: no goodbye, but the network delivers what is on its way. */
  cut() {
    this.#socket.destroy();
  }

  /** As when the power fails: what is on its way is lost. */
  reset() {
    this.#socket.resetAndDestroy();
  }
}

/** @param {import("node:net").TcpNetConnectOpts} options */
async function dial(options) {
  const socket = connect({ ...options, noDelay: true });
  await once(socket, "connect");
  return socket;
}
