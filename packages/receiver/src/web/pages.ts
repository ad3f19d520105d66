import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import files from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

// What is under assets/ has a digest of its content in its name.
const FOR_EVER = "public, max-age=31536000, immutable";
const ASK_AGAIN = "no-cache";
const OTHER_PAGES = ["/calendar", "/search", "/devices", "/devices/:device", "/microphone"];
// Compressed twins are no addresses of their own, and the page is changed before it is sent.
const NO_ADDRESS = /\.(br|gz)$|^index\.html$/;

const PAGE_HEADERS = {
  "cache-control": ASK_AGAIN,
  "permissions-policy": "microphone=(self), camera=(), geolocation=(), payment=(), usb=()",
};

/** @param ingest where the microphone page sends to: the only other origin that a page may talk to */
function policyOf(ingest: string | undefined): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self'${ingest === undefined ? "" : ` ${ingest}`}`,
    "media-src 'self' blob:",
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** Which origin a page may send a microphone's audio to; undefined: none. */
export type IngestOf = (request: IncomingMessage) => string | undefined;

/** The pages: one file, which shows what its address says. */
export class Pages {
  readonly #root: string;
  readonly #html: string;
  /** Files beside the page. */
  readonly #beside: readonly string[];
  readonly #ingestOf: IngestOf;

  private constructor(root: string, html: string, beside: readonly string[], ingestOf: IngestOf) {
    this.#root = root;
    this.#html = html;
    this.#beside = beside;
    this.#ingestOf = ingestOf;
  }

  /** Reads what @audio/web was built to. */
  static async open(ingestOf: IngestOf): Promise<Pages> {
    const page = createRequire(import.meta.url).resolve("@audio/web/index.html");
    const root = dirname(page);
    const entries = await readdir(root, { withFileTypes: true });
    const beside = entries.filter((entry) => entry.isFile() && !NO_ADDRESS.test(entry.name));
    return new Pages(
      root,
      await readFile(page, "utf8"),
      beside.map(({ name }) => name),
      ingestOf,
    );
  }

  /** Puts the pages, and what they are made of, under their addresses. */
  async add(app: FastifyInstance): Promise<void> {
    await app.register(files, {
      root: join(this.#root, "assets"),
      prefix: "/assets/",
      preCompressed: true,
      cacheControl: false,
      dotfiles: "ignore",
      setHeaders: (reply) => reply.setHeader("cache-control", FOR_EVER),
    });
    for (const name of this.#beside)
      app.get(`/${name}`, (_, reply) => reply.header("cache-control", ASK_AGAIN).sendFile(name, this.#root));
    for (const path of ["/", ...OTHER_PAGES]) app.get(path, (request, reply) => this.send(request, reply));
  }

  /** Answers with the page. */
  send({ place: { base }, headers, raw }: FastifyRequest, reply: FastifyReply): FastifyReply {
    const html = this.#html.replace(/<base href="[^"]*"/, `<base href="${escaped(base)}"`);
    const etag = `"${createHash("sha256").update(html).digest("base64url").slice(0, 22)}"`;
    reply.headers({ ...PAGE_HEADERS, etag, "content-security-policy": policyOf(this.#ingestOf(raw)) });
    if (reply.statusCode === 200 && isKnown(headers["if-none-match"], etag)) return reply.status(304).send();
    return reply.type("text/html; charset=utf-8").send(html);
  }
}

// A proxy that compresses makes a weak one of it.
function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = (ifNoneMatch ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes(etag);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
