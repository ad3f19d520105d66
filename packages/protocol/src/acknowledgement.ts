import { ProtocolError } from "./errors.js";

/** The WebSocket subprotocol that a sender offers to be told what is on disk (section 4 of the protocol). */
export const ACK_SUBPROTOCOL = "audio-ack.v1";

/** Size of an acknowledgement message. */
export const ACK_BYTES = 16;

const MAGIC = 0x464b4341; // "ACKF" on the wire

/** What a receiver tells a sender: everything before `nextSeq` is written and synced. */
export interface Acknowledgement {
  /** Sequence number to go on with, 0 … 2³²−1. */
  readonly nextSeq: number;
  /** The `timestampMs` of the session's handshake. */
  readonly session: bigint;
}

/**
 * The 16 bytes of an acknowledgement.
 * @throws RangeError when a field is out of its range
 */
export function formatAcknowledgement({ nextSeq, session }: Acknowledgement): Uint8Array<ArrayBuffer> {
  if (!Number.isInteger(nextSeq) || nextSeq < 0 || nextSeq > 0xffff_ffff) {
    throw new RangeError(`nextSeq is ${nextSeq}, not a whole number from 0 to 4294967295`);
  }
  if (session < 0n || session > 0xffff_ffff_ffff_ffffn) {
    throw new RangeError(`session is ${session}, not a whole number from 0 to 18446744073709551615`);
  }
  const bytes = new Uint8Array(ACK_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, nextSeq, true);
  view.setBigUint64(8, session, true);
  return bytes;
}

/**
 * Reads an acknowledgement.
 * @throws ProtocolError `invalid-acknowledgement`
 */
export function parseAcknowledgement(bytes: Uint8Array): Acknowledgement {
  if (bytes.length !== ACK_BYTES) {
    throw invalid(`message is ${bytes.length} bytes, not ${ACK_BYTES}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0, true);
  if (magic !== MAGIC) throw invalid(`magic 0x${magic.toString(16)} is not 0x${MAGIC.toString(16)}`);
  return { nextSeq: view.getUint32(4, true), session: view.getBigUint64(8, true) };
}

function invalid(found: string): ProtocolError {
  return new ProtocolError("invalid-acknowledgement", `invalid acknowledgement: ${found}`);
}
