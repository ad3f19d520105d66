import { createServer as createHttp, type RequestListener, type ServerOptions } from "node:http";
import { createServer as createHttps } from "node:https";
import { createServer as createPlain, type Server, type Socket } from "node:net";
import { createServer as createTls, type Server as TlsServer } from "node:tls";
import type { TlsIdentity } from "../access/tls-identity.js";
import type { PeerRefused } from "../events.js";
import type { Lobby } from "./lobby.js";

/** What every port is opened with. */
export interface ServerContext {
  /** undefined = not encrypted. */
  readonly tls: TlsIdentity | undefined;
  readonly lobby: Lobby;
}

// A request that comes byte by byte is cut off: its head after 10 s, all of it after 30; looked after every 2 s.
const SLOW_REQUESTS: ServerOptions = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2000,
  keepAliveTimeout: 5000,
  maxHeaderSize: 8192,
};

// A peer that does not read its answer; what became a WebSocket has deadlines of its own.
const SILENCE_MS = 60_000;

/** A server for sockets, TLS if there is a certificate. */
export function createSocketServer(
  { tls, lobby }: ServerContext,
  name: PeerRefused["listener"],
  onSocket: (socket: Socket) => void,
): Server {
  const server =
    tls === undefined ? createPlain(onSocket) : renewed(createTls(tls.serverOptions, onSocket), tls);
  lobby.guard(server, name);
  return server;
}

/** An HTTP server, HTTPS if there is a certificate. */
export function createHttpServer(
  { tls, lobby }: ServerContext,
  name: PeerRefused["listener"],
  onRequest: RequestListener,
) {
  const answer: RequestListener = (request, response) => {
    const { socket } = request;
    lobby.leave(socket);
    response.once("close", () => lobby.waitAgain(socket));
    onRequest(request, response);
  };
  const server =
    tls === undefined
      ? createHttp(SLOW_REQUESTS, answer)
      : renewed(createHttps({ ...SLOW_REQUESTS, ...tls.serverOptions }, answer), tls);
  server.setTimeout(SILENCE_MS);
  lobby.guard(server, name);
  return server;
}

function renewed<AnyServer extends TlsServer>(server: AnyServer, tls: TlsIdentity): AnyServer {
  tls.renew(server);
  server.on("tlsClientError", (_, socket) => socket.destroy()); // garbage on the port: no business of ours
  return server;
}
