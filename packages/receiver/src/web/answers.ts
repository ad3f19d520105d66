import { Readable } from "node:stream";
import type { FastifyInstance, FastifyRequest } from "fastify";

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "microphone=(), camera=(), geolocation=(), payment=(), usb=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};
// A year, for this host and none below it.
const HSTS = "max-age=31536000";

/** Puts what protects pages and what they load on every answer that does not say it itself. */
export function guardAnswers(app: FastifyInstance): void {
  app.addHook("onSend", async (request: FastifyRequest, reply, payload) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS))
      if (!reply.hasHeader(name)) reply.header(name, value);
    if (request.asker?.protocol === "https") reply.header("strict-transport-security", HSTS);
    return request.method === "HEAD" && payload instanceof Readable ? withoutBody(payload) : payload;
  });
}

// Fastify would read all of it, to throw it away: a day of audio, or events for ever.
function withoutBody(body: Readable): Readable {
  body.on("error", () => undefined); // nobody waits for it
  body.destroy();
  return Readable.from([]);
}
