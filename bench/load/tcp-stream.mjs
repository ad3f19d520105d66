import { once } from "node:events";
import { connect } from "node:net";
import { synthesizeSpeech } from "../codec/speech.mjs";
import { SAMPLE_RATE } from "./frames.mjs";

const CHUNK_BYTES = 64 * 1024;
/** Never changed, so one buffer serves every write of every stream. */
const SOUND = Buffer.from(synthesizeSpeech(3, SAMPLE_RATE).buffer, 0, CHUNK_BYTES);

/** One device that sends raw s16le PCM, 16 kHz mono, from its first byte on. */
export class TcpStream {
  bytes = 0;
  dropped = false;
  #closing = false;
  #ended;

  /** @param {import("node:net").Socket} socket */
  constructor(socket) {
    this.socket = socket;
    this.#ended = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => this.#end());
    socket.on("end", () => this.#end());
    socket.resume();
  }

  /** @param {string} address host:port */
  static async open(address) {
    const [host, port] = address.split(":");
    const socket = connect({ host, port: Number(port), noDelay: true });
    await once(socket, "connect");
    return new TcpStream(socket);
  }

  /**
   * Sends `count` bytes, rounded up to whole chunks, as fast as the receiver takes them.
   * @param {number} count
   */
  async sendBytes(count) {
    for (const end = this.bytes + count; this.bytes < end && !this.dropped; this.bytes += CHUNK_BYTES) {
      await new Promise((resolve) => this.socket.write(SOUND, resolve));
    }
  }

  /** Ends the stream; resolves when the server has hung up, so it has taken all of it. */
  async close() {
    this.#closing = true;
    this.socket.end();
    await this.#ended;
  }

  #end() {
    if (!this.#closing) this.dropped = true;
    this.socket.end();
  }
}
