/** Opcodes of RFC 6455, section 5.2. */
export const OPCODES = /** @type {const} */ ({ binary: 2, close: 8, ping: 9, pong: 10 });

const FINAL = 0x80;
const MASKED = 0x80;
/** One real mask for all: the receiver unmasks as it always does, the sender masks nothing while the clock runs. */
export const MASK = Buffer.from([0x9d, 0x3b, 0x62, 0xc5]);

/**
 * One unfragmented client message of at most 65 535 bytes.
 * @param {number} opcode
 * @param {Uint8Array} payload
 */
export function maskedMessage(opcode, payload) {
  const length = payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 255];
  length[0] |= MASKED;
  return Buffer.from([FINAL | opcode, ...length, ...MASK, ...payload.map((byte, i) => byte ^ MASK[i & 3])]);
}

/** Splits what a server sends, cut anywhere, into messages. Servers do not mask; ours send at most 125 bytes. */
export class ServerMessages {
  /** @type {Buffer} */
  #rest = Buffer.alloc(0);

  /**
   * @param {Buffer} chunk
   * @param {(opcode: number, payload: Buffer) => void} onMessage
   */
  push(chunk, onMessage) {
    let bytes = this.#rest.length ? Buffer.concat([this.#rest, chunk]) : chunk;
    while (bytes.length >= 2 && bytes.length >= 2 + bytes[1]) {
      if (bytes[1] > 125)
        throw new Error(`the server sent a message of over 125 bytes, this load expects none`);
      const end = 2 + bytes[1];
      onMessage(bytes[0] & 15, bytes.subarray(2, end));
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
  }
}
