import {
  createServer as createHttp,
  type RequestListener,
  type ServerOptions,
  STATUS_CODES,
} from "node:http";
import { createServer as createHttps } from "node:https";
import { createServer as createPlain, type Server, type Socket } from "node:net";
import { createServer as createTls, type Server as TlsServer } from "node:tls";
import type { TlsIdentity } from "../access/tls-identity.js";
import type { PeerRefused } from "../events.js";
import type { Lobby } from "./lobby.js";
import { peerName } from "./peer-name.js";

/** What every port is opened with. */
export interface ServerContext {
  /** undefined = not encrypted. */
  readonly tls: TlsIdentity | undefined;
  readonly lobby: Lobby;
  /** How long a peer may take to say what it wants. */
  readonly handshakeTimeoutMs: number;
  /** Somebody spoke something else, or too slowly. */
  readonly onRefused: (refused: PeerRefused) => void;
}

// Nobody on a slow network is meant by these: with less, a busy server would cut off who is quick.
const LEAST_TIMEOUT_MS = 1000;
const REQUEST_TIMEOUT_MS = 30_000;

// A request that comes byte by byte is cut off: Node's own limits are 60 s for its head, and 16 KiB.
function httpLimits({ handshakeTimeoutMs }: ServerContext): ServerOptions {
  const headersTimeout = Math.max(LEAST_TIMEOUT_MS, handshakeTimeoutMs);
  return {
    headersTimeout,
    requestTimeout: Math.max(REQUEST_TIMEOUT_MS, headersTimeout),
    connectionsCheckingInterval: Math.min(2000, headersTimeout / 2),
    keepAliveTimeout: 5000,
    maxHeaderSize: 8192,
  };
}

// Node's default is 120 s.
function tlsLimits(tls: TlsIdentity, { handshakeTimeoutMs }: ServerContext) {
  return { ...tls.serverOptions, handshakeTimeout: Math.max(LEAST_TIMEOUT_MS, handshakeTimeoutMs) };
}

const REQUEST_FAULTS: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};

// A peer that does not read its answer; what became a WebSocket has deadlines of its own.
const SILENCE_MS = 60_000;

/** A server for sockets, TLS if there is a certificate. */
export function createSocketServer(
  context: ServerContext,
  name: PeerRefused["listener"],
  onSocket: (socket: Socket) => void,
): Server {
  const { tls, lobby } = context;
  const server =
    tls === undefined ? createPlain(onSocket) : renewed(createTls(tlsLimits(tls, context), onSocket), tls);
  lobby.guard(server, name);
  return server;
}

/** An HTTP server, HTTPS if there is a certificate. */
export function createHttpServer(
  context: ServerContext,
  name: PeerRefused["listener"],
  onRequest: RequestListener,
) {
  const { tls, lobby } = context;
  const answer: RequestListener = (request, response) => {
    const { socket } = request;
    lobby.leave(socket);
    response.once("close", () => lobby.waitAgain(socket));
    onRequest(request, response);
  };
  const limits = httpLimits(context);
  const server =
    tls === undefined
      ? createHttp(limits, answer)
      : renewed(createHttps({ ...limits, ...tlsLimits(tls, context) }, answer), tls);
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    refuseRequest(error, socket, (reason, code) =>
      context.onRefused({ peer: peerName(socket), listener: name, reason, code }),
    );
  });
  server.setTimeout(SILENCE_MS);
  lobby.guard(server, name);
  return server;
}

// What Node answers to by itself, and tells nobody. A connection that broke has nothing to be told.
function refuseRequest(
  { code = "", message }: NodeJS.ErrnoException,
  socket: Socket,
  tell: (reason: string, status: number) => void,
): void {
  if (code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const status = REQUEST_FAULTS[code] ?? 400;
  tell(`no HTTP request: ${message}`, status);
  const answer = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`;
  socket.end(answer, () => socket.destroy());
}

function renewed<AnyServer extends TlsServer>(server: AnyServer, tls: TlsIdentity): AnyServer {
  tls.renew(server);
  server.on("tlsClientError", (_, socket) => socket.destroy()); // garbage on the port: no business of ours
  return server;
}
