/** Bytes `start` (included, from 0) … `end` (not included). */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

const RANGE = /^bytes=\s*(\d*)-(\d*)\s*$/i;

/**
 * What of `size` bytes a request asks for in its Range header (RFC 9110, 14.2). A header of another unit, of several
 * ranges or that is none is passed over, as the standard allows: then all is asked for.
 * @returns undefined = all; `unsatisfiable` = nothing of it is there
 */
export function byteRangeOf(
  header: string | undefined,
  size: number,
): ByteRange | "unsatisfiable" | undefined {
  const parts = header === undefined ? null : RANGE.exec(header);
  if (parts === null) return undefined;
  const [, first, last] = parts;
  if (first === "") return last === "" ? undefined : suffixOf(Number(last), size);
  const start = Number(first);
  const end = last === "" ? size : Math.min(size, Number(last) + 1);
  if (last !== "" && Number(last) < start) return undefined;
  return start >= size ? "unsatisfiable" : { start, end };
}

function suffixOf(bytes: number, size: number): ByteRange | "unsatisfiable" {
  return bytes === 0 || size === 0 ? "unsatisfiable" : { start: Math.max(0, size - bytes), end: size };
}
