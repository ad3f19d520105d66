import type { Server, Socket } from "node:net";
import { listen, stopListening } from "../../listen.js";
import type { IngestContext } from "../ingest-context.js";
import type { Listener } from "../listener.js";
import { peerAddress, peerName } from "../peer-name.js";
import { createSocketServer } from "../servers.js";
import { TcpConnection } from "./connection.js";

const SWEEP_MS = 500;
// What is on its way when the server stops may still arrive; raw PCM has no goodbye to wait for.
const LEAVE_GRACE_MS = 300;

/** TCP ingest: raw PCM, or frames with a handshake, told apart by the first 8 bytes. */
export async function listenTcp(context: IngestContext, host: string, port: number): Promise<Listener> {
  const connections = new Set<TcpConnection>();
  const server = createSocketServer(context, "tcp", (socket) => accept(context, connections, socket));
  const address = await listen(server, host, port, "TCP");
  const sweeper = setInterval(() => {
    const now = performance.now();
    for (const connection of connections) connection.sweep(now);
  }, SWEEP_MS);
  return {
    port: address.port,
    get connections() {
      return connections.size;
    },
    stop: () => stop(server, connections, sweeper, context),
  };
}

function accept(context: IngestContext, connections: Set<TcpConnection>, socket: Socket): void {
  let connection: TcpConnection | undefined;
  const expel = (reason: string) => connection?.expel(reason);
  const { pass, refusal } = context.gate.admit({ address: peerAddress(socket), expel });
  if (refusal !== undefined) return refuse(context, socket, refusal.reason);
  const onGone = (gone: TcpConnection) => {
    connections.delete(gone);
    pass.leave();
  };
  connection = new TcpConnection({ context, socket, pass, onGone });
  connections.add(connection);
}

function refuse({ events }: IngestContext, socket: Socket, reason: string): void {
  events.emit("refused", { peer: peerName(socket), listener: "tcp", reason, code: undefined });
  socket.on("error", () => socket.destroy());
  socket.destroy();
}

async function stop(
  server: Server,
  connections: Set<TcpConnection>,
  sweeper: NodeJS.Timeout,
  context: IngestContext,
): Promise<void> {
  const closed = stopListening(server);
  clearInterval(sweeper);
  context.napWheel.wakeAll();
  for (const connection of connections) connection.leave();
  if (connections.size > 0) await new Promise((resolve) => setTimeout(resolve, LEAVE_GRACE_MS));
  for (const connection of connections) connection.drop();
  context.lobby.dismiss("tcp");
  await closed;
}
