import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request as plainRequest } from "node:http";
import { request } from "node:https";
import type { LookupFunction } from "node:net";
import { Readable } from "node:stream";
import { StreamClient } from "../../packages/receiver/test/support/stream-client.js";
import { basic, WEB_PASSWORD } from "../../packages/receiver/test/support/test-receiver.js";

export interface VisitorOptions {
  /** The web root, as `https://localhost:1234/audio/`. */
  readonly root: string;
  /** Whose certificates are believed; nobody else's. */
  readonly ca: Buffer;
  /** Loopback address that the visitor comes from: not the one that the proxies have. */
  readonly from: string;
}

/** Somebody with a browser and a login, who comes by a proxy. */
export class Visitor {
  constructor(readonly options: VisitorOptions) {}

  /** Asks for a place below the root, logged in unless `init` brings other headers. */
  async ask(place: string, init: RequestInit = {}): Promise<Response> {
    const { ca, from, root } = this.options;
    const headers = { ...LOGIN, ...(init.headers as Record<string, string>) };
    const outgoing = request(new URL(place, root), {
      agent: false,
      ca,
      lookup: loopback,
      localAddress: from,
      method: init.method ?? "GET",
      headers,
      signal: init.signal ?? undefined,
    });
    outgoing.end(init.body);
    const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
    return responseOf(incoming);
  }

  /** A WebSocket of a page of this site, or of a device. */
  async dial(address: string): Promise<StreamClient> {
    const { ca, from, root } = this.options;
    const headers = { ...LOGIN, origin: new URL(root).origin, "sec-fetch-site": "same-origin" };
    const url = new URL(address, root.replace(/^http/, "ws")).href;
    return StreamClient.connect(url, { ca, family: 4, localAddress: from, headers });
  }
}

/** Status and headers of a plain request, without following where it sends one to. */
export async function plainAnswer(url: string, host: string): Promise<IncomingMessage> {
  const [incoming] = await once(plainRequest(url, { agent: false, headers: { host } }).end(), "response");
  (incoming as IncomingMessage).resume();
  return incoming as IncomingMessage;
}

const LOGIN = { authorization: basic("admin", WEB_PASSWORD) };

// An address of 127.0.0.0/8 reaches no ::1.
const loopback: LookupFunction = (_host, { all }, found) =>
  all ? found(null, [{ address: "127.0.0.1", family: 4 }]) : found(null, "127.0.0.1", 4);

function responseOf(incoming: IncomingMessage): Response {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
  const status = incoming.statusCode ?? 0;
  const isEmpty = status === 204 || status === 304;
  return new Response(isEmpty ? null : (Readable.toWeb(incoming) as ReadableStream), { status, headers });
}
