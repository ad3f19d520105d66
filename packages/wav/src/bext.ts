// Broadcast audio extension chunk, EBU Tech 3285 version 1: fixed fields, then the (empty) coding history.
import { formatChunk, viewOf, writeAscii } from "./riff.js";
import { toAscii } from "./text.js";

/** Bytes of the chunk's body without coding history. */
const BEXT_BYTES = 602;

/** The fields that we fill; UMID and reserved bytes stay zero. */
export interface BroadcastExtension {
  /** Up to 256 characters; longer text is cut, as in every field. */
  readonly description: string;
  /** Up to 32 characters: who made the file. */
  readonly originator: string;
  /** Up to 32 characters: the originator's name for the recording. */
  readonly originatorReference: string;
  /** yyyy-mm-dd */
  readonly originationDate: string;
  /** hh:mm:ss */
  readonly originationTime: string;
  /** First sample's index since midnight. */
  readonly timeReference: number;
}

const TEXT_FIELDS = [
  { field: "description", offset: 0, bytes: 256 },
  { field: "originator", offset: 256, bytes: 32 },
  { field: "originatorReference", offset: 288, bytes: 32 },
  { field: "originationDate", offset: 320, bytes: 10 },
  { field: "originationTime", offset: 330, bytes: 8 },
] as const;
const TIME_REFERENCE_OFFSET = 338;
const VERSION_OFFSET = 346;
const VERSION = 1;

export function formatBext(fields: BroadcastExtension): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(BEXT_BYTES);
  for (const { field, offset, bytes } of TEXT_FIELDS) {
    writeAscii(body, offset, toAscii(fields[field]).slice(0, bytes));
  }
  const view = viewOf(body);
  view.setBigUint64(TIME_REFERENCE_OFFSET, BigInt(fields.timeReference), true);
  view.setUint16(VERSION_OFFSET, VERSION, true);
  return formatChunk("bext", body);
}
