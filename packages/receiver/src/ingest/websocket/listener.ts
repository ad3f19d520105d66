import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { parseEndpoint } from "@audio/protocol";
import { addressList } from "../../access/address-list.js";
import { presentedToken } from "../../access/credentials.js";
import { askerOf } from "../../access/forwarded.js";
import { listen, stopListening } from "../../listen.js";
import type { GateAnswer } from "../gate.js";
import type { IngestContext } from "../ingest-context.js";
import type { Listener } from "../listener.js";
import { addressName } from "../peer-name.js";
import { createHttpServer } from "../servers.js";
import { WebSocketConnection } from "./connection.js";
import { createEcho, type Echo } from "./echo.js";
import { LiveSessions } from "./live-sessions.js";
import {
  acceptUpgrade,
  type HttpRefusal,
  offersAcknowledgement,
  refuseRequest,
  refuseUpgrade,
  upgradeFault,
} from "./upgrade.js";

const SWEEP_MS = 500;
// What peers may take to answer our goodbye.
const LEAVE_GRACE_MS = 2000;

const NO_SOCKET: HttpRefusal = {
  status: 404,
  reason: "no such endpoint: use /ws, /ws/{hwid} or /ws/echo",
};
const NO_ENDPOINT: HttpRefusal = {
  status: 404,
  reason: "no such endpoint: use /ws, /ws/{hwid}, /ws/echo or POST /echo",
};
const NO_UPGRADE: HttpRefusal = { status: 426, reason: "this address speaks WebSocket" };

/** Everything behind the port. */
interface Ingest {
  readonly context: IngestContext;
  readonly connections: Set<WebSocketConnection>;
  readonly liveSessions: LiveSessions;
  readonly echo: Echo;
}

/** A request to become a WebSocket. */
interface Opening {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  readonly head: Buffer;
}

/** WebSocket ingest: `/ws`, `/ws/{hwid}`, and the echo endpoints. */
export async function listenWebSocket(context: IngestContext, host: string, port: number): Promise<Listener> {
  const liveSessions = new LiveSessions(context.streams);
  const echo = createEcho(context.settings);
  const ingest: Ingest = { context, connections: new Set(), liveSessions, echo };
  const server = createHttpServer(context, "websocket", (request, response) =>
    answer(ingest, request, response),
  );
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    context.lobby.leave(socket);
    upgrade(ingest, { request, socket, head });
  });
  const address = await listen(server, host, port, "WebSocket");
  const sweeper = setInterval(() => sweep(ingest), SWEEP_MS);
  return {
    port: address.port,
    get connections() {
      return ingest.connections.size + echo.connections;
    },
    stop: () => stop(server, ingest, sweeper),
  };
}

function upgrade(ingest: Ingest, opening: Opening): void {
  const { request } = opening;
  const barred = ingest.context.gate.bars(addressOf(ingest, request));
  const endpoint = parseEndpoint(pathOf(request));
  const fault = barred ?? (endpoint === undefined ? NO_SOCKET : upgradeFault(request));
  if (endpoint === undefined || fault !== undefined) return refuse(ingest, opening, fault ?? NO_SOCKET);
  if (endpoint.kind === "echo") openEcho(ingest, opening);
  else openStream(ingest, opening, endpoint.hwid);
}

function openStream(ingest: Ingest, opening: Opening, hwid?: string): void {
  const { context, connections, liveSessions } = ingest;
  const { request, socket, head } = opening;
  let connection: WebSocketConnection | undefined;
  const { pass, refusal } = enter(ingest, request, (reason) => connection?.expel(reason), hwid);
  if (refusal !== undefined) return refuse(ingest, opening, refusal);
  acceptUpgrade(request, socket);
  connection = new WebSocketConnection({
    context,
    socket,
    head,
    peer: peerOf(ingest, request),
    hwid: pass.device,
    liveSessions: offersAcknowledgement(request) ? liveSessions : undefined,
    onGone: (gone) => {
      connections.delete(gone);
      pass.leave();
    },
  });
  connections.add(connection);
}

function openEcho(ingest: Ingest, opening: Opening): void {
  const { request, socket, head } = opening;
  const { pass, refusal } = enter(ingest, request, () => socket.destroy());
  const shut = refusal ?? ingest.echo.enter(socket);
  if (shut === undefined) socket.once("close", () => pass?.leave());
  else pass?.leave();
  if (shut === undefined) ingest.echo.upgrade(request, socket, head);
  else refuse(ingest, opening, shut);
}

// A device behind a proxy that is trusted counts, and is let in, by its own address.
function addressOf({ context }: Ingest, request: IncomingMessage): string {
  return askerOf(request, addressList(context.settings.now.trustProxies)).address;
}

function peerOf(ingest: Ingest, request: IncomingMessage): string {
  return addressName(addressOf(ingest, request), request.socket.remotePort ?? 0);
}

function enter(
  ingest: Ingest,
  request: IncomingMessage,
  expel: (reason: string) => void,
  device?: string,
): GateAnswer {
  const token = presentedToken(request.headers, request.url ?? "");
  return ingest.context.gate.enter({ address: addressOf(ingest, request), expel }, { device, token });
}

function refuse(ingest: Ingest, { request, socket }: Opening, refusal: HttpRefusal): void {
  tellRefused(ingest, request, refusal);
  refuseUpgrade(socket, refusal);
}

function tellRefused(ingest: Ingest, request: IncomingMessage, { status, reason }: HttpRefusal): void {
  const peer = peerOf(ingest, request);
  ingest.context.events.emit("refused", { peer, listener: "websocket", reason, code: status });
}

function answer(ingest: Ingest, request: IncomingMessage, response: ServerResponse): void {
  const path = pathOf(request);
  const barred = ingest.context.gate.bars(addressOf(ingest, request));
  if (barred !== undefined) {
    tellRefused(ingest, request, barred);
    refuseRequest(response, barred);
  } else if (request.method === "POST" && path === "/echo") postEcho(ingest, request, response);
  else refuseRequest(response, parseEndpoint(path) === undefined ? NO_ENDPOINT : NO_UPGRADE);
}

function postEcho(ingest: Ingest, request: IncomingMessage, response: ServerResponse): void {
  const { echo } = ingest;
  const { socket } = request;
  const { pass, refusal } = enter(ingest, request, () => socket.destroy());
  const shut = refusal ?? echo.enter(response);
  if (shut === undefined) {
    response.once("close", () => pass?.leave());
    return echo.post(request, response);
  }
  pass?.leave();
  tellRefused(ingest, request, shut);
  refuseRequest(response, shut);
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "").replace(/[?#].*$/s, "");
}

function sweep({ connections, echo }: Ingest): void {
  const now = performance.now();
  for (const connection of connections) connection.sweep(now);
  echo.sweep(now);
}

async function stop(server: Server, ingest: Ingest, sweeper: NodeJS.Timeout): Promise<void> {
  const { context, connections, echo } = ingest;
  const closed = stopListening(server);
  echo.close();
  context.napWheel.wakeAll();
  for (const connection of connections) connection.leave();
  const deadline = performance.now() + LEAVE_GRACE_MS + SWEEP_MS;
  while (connections.size > 0 && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 20));
  clearInterval(sweeper);
  server.closeAllConnections();
  context.lobby.dismiss("websocket");
  await closed;
}
