import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { parseEndpoint } from "@audio/protocol";
import { listen, stopListening } from "../../listen.js";
import type { IngestContext } from "../ingest-context.js";
import type { Listener } from "../listener.js";
import { peerName } from "../peer-name.js";
import { WebSocketConnection } from "./connection.js";
import { createEcho, type Echo } from "./echo.js";
import { acceptUpgrade, offersAcknowledgement, refuseUpgrade, upgradeFault } from "./upgrade.js";

const HEADERS_TIMEOUT_MS = 10_000;
const SWEEP_MS = 500;
// What peers may take to answer our goodbye.
const LEAVE_GRACE_MS = 2000;

/** WebSocket ingest: `/ws`, `/ws/{hwid}`, and the echo endpoints. */
export async function listenWebSocket(context: IngestContext, host: string, port: number): Promise<Listener> {
  const connections = new Set<WebSocketConnection>();
  const echo = createEcho();
  const server = createServer(
    { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: 2000 },
    (request, response) => answer(echo, request, response),
  );
  server.on("upgrade", (request, socket: Socket, head) =>
    upgrade(context, connections, echo, request, socket, head),
  );
  const address = await listen(server, host, port, "WebSocket");
  const sweeper = setInterval(() => sweep(connections), SWEEP_MS);
  return {
    port: address.port,
    stop: () => stop(server, connections, echo, sweeper, context),
  };
}

function upgrade(
  context: IngestContext,
  connections: Set<WebSocketConnection>,
  echo: Echo,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
): void {
  const peer = peerName(socket);
  const refuse = (status: number, reason: string) => {
    context.events.emit("refused", { peer, listener: "websocket", reason, code: status });
    refuseUpgrade(socket, status, reason);
  };
  const endpoint = parseEndpoint(pathOf(request));
  if (endpoint === undefined) return refuse(404, "no such endpoint: use /ws, /ws/{hwid} or /ws/echo");
  const fault = upgradeFault(request);
  if (fault !== undefined) return refuse(fault.status, fault.reason);
  const shut = context.gate.enter();
  if (shut !== undefined) return refuse(503, shut.reason);
  if (endpoint.kind === "echo") return echo.upgrade(request, socket, head, () => context.gate.leave());
  acceptUpgrade(request, socket);
  const onGone = (connection: WebSocketConnection) => {
    connections.delete(connection);
    context.gate.leave();
  };
  const acknowledged = offersAcknowledgement(request);
  const { hwid } = endpoint;
  connections.add(new WebSocketConnection({ context, socket, head, peer, hwid, acknowledged, onGone }));
}

function answer(echo: Echo, request: IncomingMessage, response: ServerResponse): void {
  const path = pathOf(request);
  if (request.method === "POST" && path === "/echo") return echo.post(request, response);
  const webSocket = parseEndpoint(path) !== undefined;
  response.writeHead(webSocket ? 426 : 404, {
    "content-type": "text/plain",
    ...(webSocket && { upgrade: "websocket" }),
  });
  response.end(
    webSocket
      ? "this address speaks WebSocket\n"
      : "no such endpoint: use /ws, /ws/{hwid}, /ws/echo or POST /echo\n",
  );
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "").replace(/[?#].*$/s, "");
}

function sweep(connections: Set<WebSocketConnection>): void {
  const now = performance.now();
  for (const connection of connections) connection.sweep(now);
}

async function stop(
  server: Server,
  connections: Set<WebSocketConnection>,
  echo: Echo,
  sweeper: NodeJS.Timeout,
  context: IngestContext,
): Promise<void> {
  const closed = stopListening(server);
  echo.close();
  context.napWheel.wakeAll();
  for (const connection of connections) connection.leave();
  const deadline = performance.now() + LEAVE_GRACE_MS + SWEEP_MS;
  while (connections.size > 0 && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 20));
  clearInterval(sweeper);
  server.closeAllConnections();
  await closed;
}
