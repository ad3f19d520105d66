import type { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { CLOSE_CODES, MAX_MESSAGE_BYTES } from "@audio/protocol";
import { type WebSocket, WebSocketServer } from "ws";
import type { HttpRefusal } from "./upgrade.js";

/** The echo endpoints, for testing a device's way to the server. Nothing sent here is recorded. */
export interface Echo {
  /** Clients of both kinds. */
  readonly connections: number;
  /** Takes a place, until `until` closes; or says that there is none. */
  enter(until: EventEmitter): HttpRefusal | undefined;
  /** `/ws/echo`: every message comes back. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void;
  /** `POST /echo`: the body comes back with its content type. */
  post(request: IncomingMessage, response: ServerResponse): void;
  /** Looks after clients that are silent; called about once a second. */
  sweep(nowMs: number): void;
  /** Says goodbye to every client; whoever stays is cut off after a grace. */
  close(): void;
}

export interface EchoLimits {
  /** Each may hold a message of 1 MiB, and one that goes back. */
  readonly maxEchoConnections: number;
  /** How long a client may send no message. */
  readonly echoIdleMs: number;
  readonly pingMs: number;
}

/** When a client was heard. */
interface Silence {
  /** Of any kind: a message, or the answer to a ping. */
  heardMs: number;
  messageMs: number;
  pingedMs: number;
}

// As for streams: how long a peer may take to answer our close.
const CLOSE_GRACE_MS = 2000;

/** @param limits those that hold now, looked up at each use */
export function createEcho(limits: { readonly now: EchoLimits }): Echo {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
  });
  const clients = new Map<WebSocket, Silence>();
  let inside = 0;
  return {
    get connections() {
      return inside;
    },
    enter(until) {
      const { maxEchoConnections } = limits.now;
      if (inside >= maxEchoConnections) return full(maxEchoConnections);
      inside++;
      until.once("close", () => inside--);
      return undefined;
    },
    upgrade(request, socket, head) {
      server.handleUpgrade(request, socket, head, (client) => welcome(clients, client));
    },
    post,
    sweep(nowMs) {
      for (const [client, silence] of clients) lookAfter(client, silence, limits.now, nowMs);
    },
    close() {
      for (const client of clients.keys()) goodbye(client, CLOSE_CODES.goingAway, "server stopping");
    },
  };
}

function full(places: number): HttpRefusal {
  return {
    status: 503,
    reason: `${places} echo connections are open, the most allowed (--max-echo-connections)`,
  };
}

function welcome(clients: Map<WebSocket, Silence>, client: WebSocket): void {
  const nowMs = performance.now();
  const silence: Silence = { heardMs: nowMs, messageMs: nowMs, pingedMs: Number.NEGATIVE_INFINITY };
  clients.set(client, silence);
  client.on("close", () => clients.delete(client));
  client.on("error", () => client.terminate());
  const heard = () => {
    silence.heardMs = performance.now();
  };
  client.on("ping", heard).on("pong", heard);
  client.on("message", (data, binary) => {
    heard();
    silence.messageMs = silence.heardMs;
    client.pause(); // one message at a time: who does not read gets nothing more
    client.send(data, { binary }, () => client.resume());
  });
}

function lookAfter(client: WebSocket, silence: Silence, limits: EchoLimits, nowMs: number): void {
  const { echoIdleMs, pingMs } = limits;
  if (client.readyState !== client.OPEN) return;
  if (nowMs - silence.messageMs >= echoIdleMs)
    goodbye(client, CLOSE_CODES.normal, `no message for ${echoIdleMs / 1000} s`);
  else if (nowMs - silence.heardMs >= 2 * pingMs) client.terminate();
  else if (nowMs - silence.heardMs >= pingMs && nowMs - silence.pingedMs >= pingMs) {
    silence.pingedMs = nowMs;
    client.ping();
  }
}

function goodbye(client: WebSocket, code: number, reason: string): void {
  client.resume();
  client.close(code, reason);
  setTimeout(() => client.terminate(), CLOSE_GRACE_MS).unref();
}

function post(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_MESSAGE_BYTES) chunks.push(chunk);
    else tooLarge(request, response);
  });
  request.on("end", () => {
    const type = request.headers["content-type"] ?? "application/octet-stream";
    response.writeHead(200, { "content-type": type, "content-length": bytes });
    response.end(Buffer.concat(chunks));
  });
}

function tooLarge(request: IncomingMessage, response: ServerResponse): void {
  request.removeAllListeners("data").removeAllListeners("end");
  response.writeHead(413, { "content-type": "text/plain", connection: "close" });
  response.end(`body is over ${MAX_MESSAGE_BYTES} bytes, the most that is echoed\n`, () => request.destroy());
}
