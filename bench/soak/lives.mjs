import { setTimeout as sleep } from "node:timers/promises";
import { streamAcknowledged } from "./acknowledged.mjs";
import { DatagramLine } from "./datagrams.mjs";
import { Line } from "./lines.mjs";
import { FORMATS, openingOf, piecesOf } from "./sound.mjs";

/** @typedef {import("./sound.mjs").Format} Format */
/** @typedef {import("./server.mjs").Addresses} Addresses */

/** What lies in the kernel's buffers, and in a nap of the receiver, when the power of a device fails. */
const ON_ITS_WAY_MS = 2000;
/** The flush interval is 1 s; the rest is for a busy machine. */
const SURELY_FLUSHED_MS = 3000;
const IDLE_MS = 1500;

/** How a stream ends, and whether all of it must be there. */
const ENDINGS = /** @type {const} */ ([
  "goodbye",
  "cut in a frame",
  "reset",
  "idle, then reset",
  "replay, goodbye",
  "dribbles, goodbye",
  "reads nothing",
]);

/** One connection of one device, from its first byte to its last. */
export class Life {
  /** @type {{ atMs: number, pieces: number }[]} */
  #progress = [];
  #sure = 0;
  #ceiling = Infinity;
  #lost = false;
  /** Of its recording: silence in place of datagrams that the network lost. */
  silentBytes = 0;
  sentPieces = 0;

  /**
   * @param {number} id of its stream; never used twice
   * @param {string} kind
   * @param {typeof ENDINGS[number]} ending
   * @param {number} seconds
   */
  constructor(id, kind, ending, seconds) {
    this.id = id;
    this.kind = kind;
    this.ending = ending;
    this.seconds = seconds;
    this.format = FORMATS[kind];
    // Known to the receiver by its address, each by its own.
    this.localAddress = `127.${1 + ((id >> 16) & 63)}.${(id >> 8) & 255}.${id & 255}`;
  }

  /** Where its recordings are: a folder below the data directory, and how their names begin. */
  get place() {
    if (this.format.codec === "raw" || this.format.codec === "datagram")
      return { folder: `audio/${this.localAddress.replaceAll(".", "-")}`, start: "" };
    if (this.format.transport === "tcp") return { folder: "received", start: `stream_${this.id}_` };
    return { folder: `received/soak-${this.id}`, start: `stream_${this.id}_` };
  }

  /** The receiver hung up on a device that did nothing wrong, though nobody killed it. */
  get abandoned() {
    return this.#lost && this.#ceiling === Infinity;
  }

  /** So many pieces must be recorded, and no more than were sent. */
  get surePieces() {
    return Math.min(this.#sure, this.#ceiling);
  }

  /**
   * Lives, and knows afterwards what must be there.
   * @param {Addresses} addresses
   */
  async run(addresses) {
    if (this.format.transport === "udp") return this.#runOnDatagrams(addresses.udp);
    if (this.format.transport === "acknowledged") return this.#runAcknowledged(addresses.ws);
    const line = await this.#dial(addresses);
    const opening = openingOf(this.id, this.format);
    if (opening !== undefined) await line.send(opening);
    const pieces = piecesOf(this.id, this.format);
    await this.#talk(line, pieces);
    if (!line.lost) return this.#end(line, pieces.next().value.message);
    this.#sure = this.#sentBefore(performance.now() - SURELY_FLUSHED_MS);
    this.#lost = true;
  }

  /** @param {Addresses} addresses */
  #dial({ ws, tcp }) {
    if (this.format.transport === "tcp") return Line.tcp(tcp, this.localAddress);
    return Line.webSocket(`${ws}/soak-${this.id}`);
  }

  // All of it is sure, whatever happens to the receiver meanwhile.
  /** @param {string} url */
  async #runAcknowledged(url) {
    this.sentPieces = this.#pieceCount;
    this.#sure = this.#pieceCount;
    await streamAcknowledged(this, url, {
      pieces: this.#pieceCount,
      realtime: this.ending !== "replay, goodbye",
    });
  }

  get #pieceCount() {
    return Math.round((this.seconds * this.format.sampleRate) / this.format.frameSamples);
  }

  // Nothing is sure of what goes by UDP; what comes must be what was sent, or silence in its place.
  /** @param {string} address */
  async #runOnDatagrams(address) {
    const line = await DatagramLine.open(address, this.localAddress);
    await this.#talk(line, piecesOf(this.id, this.format));
    if (this.ending === "goodbye") await line.close();
    else line.cut();
  }

  /**
   * The receiver was killed: of what was sent just before nothing is sure.
   * @param {number} atMs
   */
  receiverKilled(atMs) {
    if (this.format.transport === "acknowledged") return;
    this.#ceiling = Math.min(this.#ceiling, this.#sentBefore(atMs - SURELY_FLUSHED_MS));
  }

  /**
   * @param {Line | DatagramLine} line
   * @param {ReturnType<typeof piecesOf>} pieces
   */
  async #talk(line, pieces) {
    const { sampleRate, frameSamples } = this.format;
    const count = this.#pieceCount;
    const startMs = performance.now();
    const live = this.ending !== "replay, goodbye" || this.format.transport === "udp";
    const goesOn = () => !line.lost && !(this.format.transport === "udp" && this.#ceiling < Infinity);
    while (this.sentPieces < count && goesOn()) {
      const dueMs = startMs + (this.sentPieces * frameSamples * 1000) / sampleRate;
      if (live && dueMs > performance.now()) await sleep(dueMs - performance.now());
      const { message } = pieces.next().value;
      if (this.ending === "dribbles, goodbye" && line instanceof Line)
        await line.dribble(message, 1 + ((this.id + this.sentPieces) % 97));
      else await line.send(message);
      this.#sent();
    }
  }

  #sent() {
    this.sentPieces++;
    const atMs = performance.now();
    if (atMs - (this.#progress.at(-1)?.atMs ?? 0) > 100)
      this.#progress.push({ atMs, pieces: this.sentPieces });
  }

  /** @param {number} atMs */
  #sentBefore(atMs) {
    return this.#progress.findLast((mark) => mark.atMs < atMs)?.pieces ?? 0;
  }

  /**
   * @param {Line} line
   * @param {Uint8Array} next a message that is not sent whole
   */
  async #end(line, next) {
    switch (this.ending) {
      case "cut in a frame":
        if (this.format.codec !== "raw") line.half(next);
        this.#sure = this.#sentBefore(performance.now() - ON_ITS_WAY_MS);
        return line.cut();
      case "reset":
        this.#sure = this.#sentBefore(performance.now() - ON_ITS_WAY_MS);
        return line.reset();
      case "idle, then reset":
        await sleep(IDLE_MS);
        this.#sure = this.sentPieces;
        return line.reset();
      case "reads nothing":
        if (this.format.transport === "websocket") line.nag();
        this.#sure = this.#sentBefore(performance.now() - ON_ITS_WAY_MS);
        await sleep(IDLE_MS);
        return line.cut();
      default:
        this.#sure = this.sentPieces;
        return line.close();
    }
  }
}

/**
 * The nth life of a soak: every kind with every ending, in turn.
 * @param {number} id
 * @param {number} longestSeconds
 * @param {() => number} random
 */
export function nextLife(id, longestSeconds, random) {
  const kinds = Object.keys(FORMATS);
  const ending = ENDINGS[Math.floor(id / kinds.length) % ENDINGS.length];
  const seconds = 1 + random() * (longestSeconds - 1);
  const kind = kinds[id % kinds.length];
  const replayed = ending === "replay, goodbye" && FORMATS[kind].transport !== "udp";
  return new Life(id, kind, ending, replayed ? seconds * 5 : seconds);
}
