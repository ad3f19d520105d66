// LIST chunk of form INFO: text sub-chunks, each ending in NUL and padded to an even length.
import { concatenate, formatChunk, readFourCC, wholeChunks, writeAscii } from "./riff.js";
import { encodeUtf8 } from "./text.js";

const FORM_BYTES = 4;

/** Entries as [four-character code, text]; written in UTF-8. */
export function formatInfo(entries: readonly (readonly [string, string])[]): Uint8Array<ArrayBuffer> {
  const form = new Uint8Array(FORM_BYTES);
  writeAscii(form, 0, "INFO");
  const terminator = new Uint8Array(1);
  const chunks = entries.map(([id, text]) => formatChunk(id, concatenate([encodeUtf8(text), terminator])));
  return formatChunk("LIST", concatenate([form, ...chunks]));
}

/** The text bytes, without NUL, of each entry called `id` in the INFO lists of `bytes[start…]`. */
export function* infoEntries(bytes: Uint8Array, start: number, id: string): Generator<Uint8Array> {
  for (const list of wholeChunks(bytes, start, bytes.byteLength)) {
    if (list.id !== "LIST" || list.end - list.start < FORM_BYTES) continue;
    if (readFourCC(bytes, list.start) !== "INFO") continue;
    for (const entry of wholeChunks(bytes, list.start + FORM_BYTES, list.end)) {
      if (entry.id === id) yield withoutNul(bytes.subarray(entry.start, entry.end));
    }
  }
}

function withoutNul(text: Uint8Array): Uint8Array {
  const end = text.indexOf(0);
  return end < 0 ? text : text.subarray(0, end);
}
