import { createRequire } from "node:module";
import { dirname } from "node:path";
import files from "@fastify/static";
import type { FastifyInstance } from "fastify";

// What is under assets/ has a digest of its content in its name.
const FOR_EVER = "public, max-age=31536000, immutable";

/** The pages, and what they are made of: the files of @audio/web. */
export function addPages(app: FastifyInstance): void {
  const root = dirname(createRequire(import.meta.url).resolve("@audio/web/index.html"));
  void app.register(files, {
    root,
    prefix: "/",
    preCompressed: true,
    cacheControl: false,
    setHeaders(reply, path) {
      reply.setHeader("cache-control", path.includes("/assets/") ? FOR_EVER : "no-cache");
      reply.setHeader("content-security-policy", PAGE_POLICY);
    },
  });
}

const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "media-src 'self' blob:",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");
