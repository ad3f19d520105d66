import { Refusal } from "./refusal.js";
import { unmask, wordsOf } from "./unmask.js";

/** What a connection's bytes turn into. Ranges are valid during the call only. */
export interface MessageHandler {
  /** Largest binary message allowed now; asked before a byte of it is kept. Throws a Refusal to say why not. */
  checkLength(bytes: number): void;
  binary(bytes: Buffer, start: number, end: number): void;
  ping(payload: Buffer): void;
  pong(): void;
  close(code: number | undefined): void;
}

const CONTINUATION = 0x0;
const TEXT = 0x1;
const BINARY = 0x2;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;

const FIN = 0x80;
const RESERVED_BITS = 0x70;
const MASKED = 0x80;
const MASK_BYTES = 4;
const LONGEST_HEADER = 14;
const MAX_CONTROL_BYTES = 125;
// A sender that cuts a message finer than this is not streaming audio.
const MAX_FRAGMENTS = 1024;

const PROTOCOL_ERROR = 1002;
const UNSUPPORTED_DATA = 1003;

/**
 * The server's side of RFC 6455 for binary messages, without sockets: bytes in, messages out, cut anywhere. Keeps
 * at most one message, and only after its announced length was allowed. No extension is negotiated, so reserved
 * bits are an error. Our own, so that a whole message costs no event, no copy and no allocation.
 */
export class MessageParser {
  readonly #handler: MessageHandler;
  #kept: Buffer = Buffer.alloc(0);
  #keptWords = wordsOf(this.#kept);
  #keptBytes = 0;
  #message: Buffer | undefined;
  #messageBytes = 0;
  #fragments = 0;
  #closed = false;

  constructor(handler: MessageHandler) {
    this.#handler = handler;
  }

  /**
   * Takes the next bytes of the connection; they are unmasked in place.
   * @throws Refusal when the peer broke a rule; nothing may be pushed after that
   */
  push(chunk: Buffer): void {
    let at = 0;
    while (this.#keptBytes > 0 && at < chunk.length) at += this.#completeKept(chunk, at);
    if (at >= chunk.length || this.#closed) return;
    const words = wordsOf(chunk);
    while (at < chunk.length && !this.#closed) {
      const bytes = this.#frame(chunk, words, at, chunk.length);
      if (bytes < 0) return this.#keep(chunk, at, chunk.length, -bytes);
      at += bytes;
    }
  }

  // Fills the kept start of a frame from the chunk; returns the bytes taken from the chunk.
  #completeKept(chunk: Buffer, at: number): number {
    const had = this.#keptBytes;
    const wanted = this.#wantedBytes(this.#kept, 0, had);
    const take = Math.min(wanted - had, chunk.length - at);
    this.#keep(chunk, at, at + take, wanted);
    if (this.#keptBytes < wanted) return take;
    if (this.#frame(this.#kept, this.#keptWords, 0, wanted) > 0) this.#keptBytes = 0;
    return take;
  }

  // Bytes until the next thing can be known about the frame at `at`: first its header, then the whole.
  #wantedBytes(bytes: Buffer, at: number, end: number): number {
    const have = end - at;
    if (have < 2) return 2;
    const short = bytes[at + 1] & 0x7f;
    const header = 2 + MASK_BYTES + (short === 127 ? 8 : short === 126 ? 2 : 0);
    if (have < header) return header;
    return header + payloadLength(bytes, at, short);
  }

  #keep(chunk: Buffer, start: number, end: number, wanted: number): void {
    if (this.#kept.length < wanted) {
      const grown = Buffer.allocUnsafeSlow(Math.max(wanted, LONGEST_HEADER));
      this.#kept.copy(grown, 0, 0, this.#keptBytes);
      this.#kept = grown;
      this.#keptWords = wordsOf(grown);
    }
    this.#keptBytes += chunk.copy(this.#kept, this.#keptBytes, start, end);
  }

  // One whole frame at `at`: its size; if it is not all there yet: minus the bytes it wants.
  #frame(bytes: Buffer, words: Int32Array, at: number, end: number): number {
    if (end - at < 2) return -2;
    const first = bytes[at];
    const second = bytes[at + 1];
    if ((first & RESERVED_BITS) !== 0 || (second & MASKED) === 0) throw brokenFrame(first, second);
    const short = second & 0x7f;
    const header = 2 + MASK_BYTES + (short === 127 ? 8 : short === 126 ? 2 : 0);
    if (end - at < header) return -header;
    const length = payloadLength(bytes, at, short);
    this.#checkFrame(first, length);
    if (end - at < header + length) return -(header + length);
    const start = at + header;
    unmask(bytes, words, start - MASK_BYTES, start, start + length);
    if (first === (FIN | BINARY)) this.#handler.binary(bytes, start, start + length);
    else this.#dispatch(first, bytes, start, start + length);
    return header + length;
  }

  // Before anything of the payload is kept.
  #checkFrame(first: number, length: number): void {
    const opcode = first & 0x0f;
    if (opcode >= CLOSE) return checkControl(first, length);
    if (opcode === TEXT) throw new Refusal(UNSUPPORTED_DATA, "binary required");
    if (opcode > BINARY) throw new Refusal(PROTOCOL_ERROR, `opcode ${opcode} is not known`);
    if ((opcode === CONTINUATION) !== (this.#message !== undefined)) {
      throw new Refusal(
        PROTOCOL_ERROR,
        opcode === BINARY ? "message inside a message" : "continuation of nothing",
      );
    }
    this.#handler.checkLength(this.#messageBytes + length);
  }

  #dispatch(first: number, bytes: Buffer, start: number, end: number): void {
    switch (first & 0x0f) {
      case PING:
        return this.#handler.ping(bytes.subarray(start, end));
      case PONG:
        return this.#handler.pong();
      case CLOSE:
        this.#closed = true; // whatever a peer sends behind its goodbye counts for nothing
        return this.#handler.close(closeCode(bytes, start, end));
      default:
        return this.#fragment((first & FIN) !== 0, bytes, start, end);
    }
  }

  #fragment(last: boolean, bytes: Buffer, start: number, end: number): void {
    if (++this.#fragments > MAX_FRAGMENTS)
      throw new Refusal(1008, `message has more than ${MAX_FRAGMENTS} fragments`);
    const total = this.#messageBytes + end - start;
    const message = grow(this.#message, this.#messageBytes, total);
    bytes.copy(message, this.#messageBytes, start, end);
    this.#message = message;
    this.#messageBytes = total;
    if (!last) return;
    this.#message = undefined;
    this.#messageBytes = 0;
    this.#fragments = 0;
    this.#handler.binary(message, 0, total);
  }
}

function payloadLength(bytes: Buffer, at: number, short: number): number {
  if (short < 126) return short;
  if (short === 126) return bytes.readUInt16BE(at + 2);
  return bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6);
}

function checkControl(first: number, length: number): void {
  const opcode = first & 0x0f;
  if (opcode > PONG) throw new Refusal(PROTOCOL_ERROR, `opcode ${opcode} is not known`);
  if ((first & FIN) === 0) throw new Refusal(PROTOCOL_ERROR, "control frame is fragmented");
  if (length > MAX_CONTROL_BYTES) {
    throw new Refusal(
      PROTOCOL_ERROR,
      `control frame has ${length} bytes, at most ${MAX_CONTROL_BYTES} are allowed`,
    );
  }
}

function brokenFrame(first: number, second: number): Refusal {
  if ((second & MASKED) === 0) return new Refusal(PROTOCOL_ERROR, "frame of a client is not masked");
  return new Refusal(PROTOCOL_ERROR, `reserved bits 0x${(first & RESERVED_BITS).toString(16)} are set`);
}

function closeCode(bytes: Buffer, start: number, end: number): number | undefined {
  if (start === end) return undefined;
  const code = end - start >= 2 ? bytes.readUInt16BE(start) : 0;
  if (mayBeSent(code)) return code;
  throw new Refusal(PROTOCOL_ERROR, `close code ${code} may not be sent`);
}

// RFC 6455 section 7.4, and the codes registered since; 3000 … 4999 belong to libraries and applications.
function mayBeSent(code: number): boolean {
  if (code >= 3000) return code < 5000;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
}

function grow(message: Buffer | undefined, used: number, wanted: number): Buffer {
  if (message !== undefined && message.length >= wanted) return message;
  const grown = Buffer.allocUnsafeSlow(Math.max(wanted, used * 2));
  message?.copy(grown, 0, 0, used);
  return grown;
}
