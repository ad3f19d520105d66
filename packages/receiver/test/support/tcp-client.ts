import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { TestReceiver } from "./test-receiver.js";
import { pause, until } from "./waiting.js";

/** Connects to the TCP port, from any address of this machine's loopback network. */
export function dial(server: TestReceiver, localAddress?: string): Promise<Socket> {
  return dialPort(server.tcpPort, localAddress);
}

/** Connects to any port of this machine. */
export async function dialPort(port: number, localAddress = "127.0.0.1"): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", localAddress, noDelay: true });
  socket.on("error", () => socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** Sends the pieces one by one over a connection of its own, then hangs up. */
export async function send(
  server: TestReceiver,
  pieces: readonly Uint8Array[],
  localAddress?: string,
): Promise<void> {
  const socket = await dial(server, localAddress);
  for (const piece of pieces) {
    if (!socket.write(piece)) await once(socket, "drain");
    if (pieces.length > 1) await pause(0); // or the kernel joins the pieces again
  }
  socket.end();
  socket.resume();
  await once(socket, "close");
}

/** Resolves when so many streams have ended, their last segments complete. */
export function ended(server: TestReceiver, count = 1): Promise<boolean> {
  return until(`end of ${count} streams`, () => server.closed.length === count);
}
