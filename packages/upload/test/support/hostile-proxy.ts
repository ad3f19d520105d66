/** What lies between a receiver and its store, at its worst: an HTTP proxy that the test tells what to spoil. */
import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { Transform } from "node:stream";
import { onTestFinished } from "vitest";

/** What becomes of a request; undefined: it passes. */
export interface Mischief {
  /** Answered by the proxy itself, after the body is in; the store hears nothing of it. */
  readonly answer?: { readonly status: number; readonly body: string };
  /** One byte of the request's body, of the response's body is turned over. */
  readonly corrupt?: "request" | "response";
  /** The connection breaks when so many bytes of the body have passed. */
  readonly cut?: { readonly what: "request" | "response"; readonly afterBytes: number };
  /** Nothing ever comes back. */
  readonly hang?: true;
  /** Headers of the response that are others; undefined: not there. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** How many of this method came before. */
  readonly nth: number;
}

export interface HostileProxy {
  readonly url: string;
  readonly seen: readonly Seen[];
  count(method: string, pattern?: RegExp): number;
}

/** A proxy that goes with the test. */
export async function startProxy(
  target: string,
  mischief: (seen: Seen) => Mischief | undefined = () => undefined,
): Promise<HostileProxy> {
  const seen: Seen[] = [];
  const server = createServer((incoming, outgoing) => {
    const { method = "", url = "", headers } = incoming;
    const now = { method, url, headers, nth: seen.filter((other) => other.method === method).length };
    seen.push(now);
    treat(target, incoming, outgoing, mischief(now) ?? {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    count: (method, pattern = /./) =>
      seen.filter((one) => one.method === method && pattern.test(one.url)).length,
  };
}

/** The XML with which stores refuse. */
export function refusal(status: number, code: string): Mischief {
  return {
    answer: { status, body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>` },
  };
}

function treat(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  mischief: Mischief,
): void {
  const { answer, hang } = mischief;
  if (hang) return void incoming.resume();
  if (answer !== undefined) {
    incoming.resume().on("end", () => {
      outgoing.writeHead(answer.status, { "content-type": "application/xml" });
      outgoing.end(incoming.method === "HEAD" ? undefined : answer.body);
    });
    return;
  }
  forward(target, incoming, outgoing, mischief);
}

function forward(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  mischief: Mischief,
): void {
  const { method, url, headers } = incoming;
  const broken = () => incoming.socket.destroy();
  const onward = request(`${target}${url}`, { method, headers, agent: false }, (response) => {
    outgoing.writeHead(response.statusCode ?? 500, rewritten(response.headers, mischief));
    response.pipe(spoiler("response", mischief, broken)).pipe(outgoing);
  });
  onward.on("error", broken);
  incoming.on("close", () => {
    if (!incoming.complete) onward.destroy();
  });
  incoming.pipe(spoiler("request", mischief, broken)).pipe(onward);
}

function rewritten(headers: IncomingHttpHeaders, { headers: others = {} }: Mischief): IncomingHttpHeaders {
  const all = Object.entries({ ...headers, ...others });
  return Object.fromEntries(all.filter(([, value]) => value !== undefined));
}

function spoiler(what: "request" | "response", { corrupt, cut }: Mischief, broken: () => void): Transform {
  let passed = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      if (corrupt === what && passed === 0) chunk[chunk.length >> 1] ^= 1;
      passed += chunk.length;
      if (cut?.what === what && passed > cut.afterBytes) broken();
      done(null, chunk);
    },
  });
}
