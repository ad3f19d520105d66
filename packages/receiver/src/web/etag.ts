import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";

/** An answer that is made anew each time, and often comes out the same. */
export interface Tagged {
  /** Media type. */
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** Answers with bytes, or with 304 to who has these very bytes. */
export function sendTagged(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  { type, bytes }: Tagged,
): FastifyReply {
  const etag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
  reply.headers({ etag, "cache-control": "private, no-cache" });
  if (isKnown(headers["if-none-match"], etag)) return reply.status(304).send();
  return reply.type(type).send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

// What a proxy or we compressed on the way has the same content all the same.
function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = (ifNoneMatch ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes(etag) || tags.includes("*");
}
