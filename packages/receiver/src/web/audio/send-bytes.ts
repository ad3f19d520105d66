import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type ByteRange, byteRangeOf } from "./byte-range.js";

/** Bytes of known length that can be read from any place. */
export interface Resource {
  readonly type: string;
  readonly size: number;
  /** Strong: with the quotes. */
  readonly etag: string;
  /** Milliseconds since the epoch; undefined where it means nothing. */
  readonly modifiedMs?: number;
  /** Name of the file that it is to become; undefined: it is to be played. */
  readonly fileName?: string;
  /** Reads bytes `start` … `end`; what it holds is let go when the generator ends, or the signal comes. */
  readonly read: (start: number, end: number, signal: AbortSignal) => AsyncIterable<Uint8Array>;
}

/** May be kept, and is asked for again each time: who may hear it can change. */
export const CACHE_CONTROL = "private, no-cache";
// What is sent at once waits in memory until the listener takes it: with Node's 64 KiB for a stream of bytes.
const WAITING_BYTES = 64 * 1024;

/** Answers with a resource, or the part of it that is asked for (RFC 9110: 200, 206, 304, 416; HEAD). */
export async function sendBytes(
  http: FastifyRequest,
  reply: FastifyReply,
  resource: Resource,
): Promise<FastifyReply> {
  const { type, size, etag, modifiedMs, fileName } = resource;
  reply.headers({ "accept-ranges": "bytes", etag, "cache-control": CACHE_CONTROL });
  if (modifiedMs !== undefined) reply.header("last-modified", new Date(modifiedMs).toUTCString());
  if (isKnown(http, resource)) return reply.status(304).send();
  const range = isSame(http, resource) ? byteRangeOf(http.headers.range, size) : undefined;
  if (range === "unsatisfiable") {
    reply.status(416).header("content-range", `bytes */${size}`);
    return reply.send({ error: `${size} bytes are there, none of them in ${http.headers.range}` });
  }
  const { start, end } = range ?? { start: 0, end: size };
  const body = http.method === "HEAD" ? Readable.from([]) : await streamOf(reply, resource, { start, end });
  if (range !== undefined) reply.status(206).header("content-range", `bytes ${start}-${end - 1}/${size}`);
  if (fileName !== undefined) reply.header("content-disposition", attachment(fileName));
  reply.headers({ "content-type": type, "content-length": end - start });
  return reply.send(body);
}

/** Tells a browser to keep it under this name, which may hold anything. */
export function attachment(fileName: string): string {
  const plain = fileName.replace(/[^\w .()+,=@~-]/g, "_");
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(fileName).replace(/'/g, "%27")}`;
}

/** A signal that comes when the asker has gone, or has got it all. */
export function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  const abort = () => gone.abort(new Error("the listener has gone"));
  if (raw.destroyed) abort();
  else raw.once("close", abort);
  return gone.signal;
}

/** The bytes, once the first have come: before that, what goes wrong can be told. */
async function streamOf(
  reply: FastifyReply,
  { read }: Resource,
  { start, end }: ByteRange,
): Promise<Readable> {
  const signal = goneSignal(reply);
  const chunks = read(start, end, signal)[Symbol.asyncIterator]();
  signal.addEventListener("abort", () => chunks.return?.().catch(() => undefined)); // nobody reads it any more
  const bytes = complete(await chunks.next(), chunks, end - start);
  return Readable.from(bytes, { objectMode: false, highWaterMark: WAITING_BYTES });
}

// An answer that is shorter than it says must break off, or its reader waits for the rest.
async function* complete(
  first: IteratorResult<Uint8Array>,
  chunks: AsyncIterator<Uint8Array>,
  length: number,
): AsyncGenerator<Uint8Array> {
  let left = length;
  for (let next = first; !next.done; next = await chunks.next()) {
    left -= next.value.length;
    yield next.value;
  }
  if (left !== 0) throw new Error(`${left} bytes of ${length} are not there any more`);
}

function isKnown({ headers }: FastifyRequest, { etag, modifiedMs }: Resource): boolean {
  const known = headers["if-none-match"];
  if (known !== undefined)
    return known.trim() === "*" || known.split(",").some((each) => each.trim().replace(/^W\//, "") === etag);
  const since = Date.parse(headers["if-modified-since"] ?? "");
  return modifiedMs !== undefined && Math.floor(modifiedMs / 1000) * 1000 <= since;
}

// If-Range: the part is asked for only if the rest that somebody has is of the same bytes.
function isSame({ headers }: FastifyRequest, { etag, modifiedMs }: Resource): boolean {
  const condition = headers["if-range"];
  if (typeof condition !== "string" || condition === etag) return true;
  return modifiedMs !== undefined && new Date(modifiedMs).toUTCString() === condition;
}
