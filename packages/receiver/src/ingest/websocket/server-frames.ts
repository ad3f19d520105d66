const FIN = 0x80;
const BINARY = 0x2;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;
// A control frame holds 125 bytes, the close code two of them.
const MAX_REASON_BYTES = 123;

/** A close frame; a reason over 123 bytes of UTF-8 is cut. */
export function closeFrame(code: number, reason: string): Buffer {
  const payload = Buffer.alloc(2 + MAX_REASON_BYTES);
  payload.writeUInt16BE(code, 0);
  // Buffer.write never writes part of a character.
  const written = payload.write(reason, 2);
  return shortFrame(CLOSE, payload.subarray(0, 2 + written));
}

export function pingFrame(): Buffer {
  return shortFrame(PING, Buffer.alloc(0));
}

/** @param payload at most 125 bytes: the ping's */
export function pongFrame(payload: Buffer): Buffer {
  return shortFrame(PONG, payload);
}

/** @param payload at most 125 bytes */
export function binaryFrame(payload: Uint8Array): Buffer {
  return shortFrame(BINARY, payload);
}

function shortFrame(opcode: number, payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([FIN | opcode, payload.length]), payload]);
}
