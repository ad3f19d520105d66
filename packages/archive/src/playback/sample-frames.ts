import type { PlayFormat } from "./plan.js";

/** Bytes of PCM that are handed on at a time, at most. */
export const CHUNK_BYTES = 256 * 1024;

const SILENCE = new Uint8Array(CHUNK_BYTES);

/** Bytes of a sample frame. */
export function frameBytesOf({ channels, bitsPerSample }: PlayFormat): number {
  return (channels * bitsPerSample) / 8;
}

/** So many bytes of silence. The chunks are parts of one block: they must not be changed. */
export function* silence(bytes: number): Generator<Uint8Array> {
  for (let left = bytes; left > 0; left -= SILENCE.length)
    yield left < SILENCE.length ? SILENCE.subarray(0, left) : SILENCE;
}

/** Regroups bytes to whole units of `unit`, leaves out the first `skip` bytes and ends after `limit` more. */
export async function* wholeUnits(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { unit, skip, limit }: { unit: number; skip: number; limit: number },
): AsyncGenerator<Uint8Array> {
  let torn: Uint8Array = new Uint8Array(0);
  let toSkip = skip;
  let left = limit;
  for await (const chunk of chunks) {
    const skipped = Math.min(toSkip, chunk.length);
    toSkip -= skipped;
    const rest = chunk.subarray(skipped);
    const bytes = torn.length === 0 ? rest : Buffer.concat([torn, rest]);
    const end = Math.min(left, bytes.length - (bytes.length % unit));
    if (end > 0) yield bytes.subarray(0, end);
    left -= end;
    if (left <= 0) return;
    torn = new Uint8Array(bytes.subarray(end));
  }
}
