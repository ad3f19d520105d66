import { type IncomingMessage, type Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";
import { refuseUpgrade } from "../ingest/websocket/upgrade.js";

/** A request that asks to become something else than HTTP. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  /** What came behind the request already. */
  readonly head: Buffer;
}

interface Asking extends Upgrade {
  readonly response: ServerResponse;
  readonly onTaken: () => void;
}

// How long it may take until it is decided, and until a refusal is read.
const PATIENCE_MS = 10_000;

const ASKING = new WeakMap<IncomingMessage, Asking>();

/** Requests that are not decided yet, or whose refusal is not read. */
export type UndecidedUpgrades = ReadonlySet<Socket>;

/**
 * Lets requests for an upgrade go the way of all requests: the same gate, the same addresses, the same refusals.
 * The route's handler takes the connection with `takeUpgrade`, or answers as always; then the connection is closed.
 */
export function routeUpgrades(
  server: Server,
  app: FastifyInstance,
  onArrival: (socket: Socket) => void,
): UndecidedUpgrades {
  const undecided = new Set<Socket>();
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    onArrival(socket);
    undecided.add(socket);
    socket.once("close", () => undecided.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    // Node has not read what stands behind such a request: there is no body.
    if (request.method !== "GET" && request.method !== "HEAD")
      return refuseUpgrade(socket, { status: 400, reason: "only GET can ask for an upgrade" });
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.once("finish", () => {
      response.detachSocket(socket);
      socket.resume();
      socket.end();
      response.destroyed = true;
      response.emit("close"); // as Node does behind every other answer
    });
    ASKING.set(request, { request, socket, head, response, onTaken: () => undecided.delete(socket) });
    app.routing(request, response);
  });
  return undecided;
}

/** The connection of a request that asks for a WebSocket, if it does; who takes it answers it. */
export function takeUpgrade(request: IncomingMessage): Upgrade | undefined {
  const asking = ASKING.get(request);
  if (asking === undefined || request.headers.upgrade?.toLowerCase() !== "websocket") return undefined;
  ASKING.delete(request);
  asking.onTaken();
  asking.response.detachSocket(asking.socket);
  asking.socket.setTimeout(0);
  return asking;
}
