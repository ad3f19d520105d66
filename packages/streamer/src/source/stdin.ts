import { StreamError } from "../errors.js";
import { type ByteSource, readStream } from "./bytes.js";

/**
 * Standard input.
 *
 * @throws StreamError `input-unreadable` if it is a terminal: nobody types a WAV.
 */
export function openStdin(): ByteSource {
  if (process.stdin.isTTY) {
    throw new StreamError("input-unreadable", "standard input is a terminal: pipe or redirect audio into it");
  }
  return readStream(process.stdin, "standard input");
}
