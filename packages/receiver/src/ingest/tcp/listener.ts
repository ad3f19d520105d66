import { createServer, type Server, type Socket } from "node:net";
import { listen, stopListening } from "../../listen.js";
import type { IngestContext } from "../ingest-context.js";
import type { Listener } from "../listener.js";
import { peerName } from "../peer-name.js";
import { TcpConnection } from "./connection.js";

const SWEEP_MS = 500;
// What is on its way when the server stops may still arrive; raw PCM has no goodbye to wait for.
const LEAVE_GRACE_MS = 300;

/** TCP ingest: raw PCM, or frames with a handshake, told apart by the first 8 bytes. */
export async function listenTcp(context: IngestContext, host: string, port: number): Promise<Listener> {
  const connections = new Set<TcpConnection>();
  const server = createServer((socket) => accept(context, connections, socket));
  const address = await listen(server, host, port, "TCP");
  const sweeper = setInterval(() => {
    const now = performance.now();
    for (const connection of connections) connection.sweep(now);
  }, SWEEP_MS);
  return { port: address.port, stop: () => stop(server, connections, sweeper, context) };
}

function accept(context: IngestContext, connections: Set<TcpConnection>, socket: Socket): void {
  const shut = context.gate.enter();
  if (shut !== undefined) {
    const refused = {
      peer: peerName(socket),
      listener: "tcp",
      reason: shut.reason,
      code: undefined,
    } as const;
    context.events.emit("refused", refused);
    socket.on("error", () => socket.destroy());
    socket.destroy();
    return;
  }
  const onGone = (connection: TcpConnection) => {
    connections.delete(connection);
    context.gate.leave();
  };
  connections.add(new TcpConnection({ context, socket, onGone }));
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
  await closed;
}
