import { createSocket } from "node:dgram";
import { formatDatagram } from "@audio/protocol";

const DOUBLED_EVERY = 11;
const SWAPPED_EVERY = 7;

/** A device on UDP, behind a network that now and then doubles a datagram or brings two in the wrong order. */
export class DatagramLine {
  #socket = createSocket("udp4");
  #port;
  #host;
  #sent = 0;
  /** @type {Uint8Array | undefined} */
  #late;

  /** @param {string} address host:port */
  constructor(address) {
    const [host, port] = address.split(":");
    this.#host = host;
    this.#port = Number(port);
    this.#socket.on("error", () => undefined); // nobody there at the moment: lost, as on any network
  }

  /**
   * @param {string} address host:port
   * @param {string} localAddress by which the receiver knows the device
   */
  static async open(address, localAddress) {
    const line = new DatagramLine(address);
    await new Promise((resolve) => line.#socket.bind(0, localAddress, () => resolve(undefined)));
    return line;
  }

  /** A device cannot see that nobody listens. */
  get lost() {
    return false;
  }

  /** @param {Uint8Array} message */
  async send(message) {
    this.#sent++;
    if (this.#sent % SWAPPED_EVERY === 0) {
      this.#late = message;
      return;
    }
    this.#put(message);
    if (this.#sent % DOUBLED_EVERY === 0) this.#put(message);
    if (this.#late !== undefined) this.#put(this.#late);
    this.#late = undefined;
  }

  /** Says that this was all. */
  async close() {
    const last = { sequence: this.#sent, timestampMs: 0, start: false, end: true };
    if (this.#late !== undefined) this.#put(this.#late);
    this.#put(formatDatagram(last, new Uint8Array(0)));
    await new Promise((resolve) => this.#socket.close(() => resolve(undefined)));
  }

  /** Sends nothing more. */
  cut() {
    this.#socket.close();
  }

  /** @param {Uint8Array} message */
  #put(message) {
    this.#socket.send(message, this.#port, this.#host);
  }
}
