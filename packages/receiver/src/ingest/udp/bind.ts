import { createSocket, type Socket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { cannotListen } from "../../listen.js";

// Datagrams wait here while the process does something else. Linux grants at most net.core.rmem_max (usually
// 208 KiB, room for some 180 usual datagrams), macOS refuses what is over kern.ipc.maxsockbuf: then less is asked for.
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
const LEAST_WORTH_ASKING = 64 * 1024;

/**
 * Opens a UDP port.
 * @throws ReceiverError `cannot-listen`
 */
export async function bindUdp(host: string, port: number): Promise<Socket> {
  try {
    const { address, family } = await lookup(host);
    const socket = createSocket(family === 6 ? "udp6" : "udp4");
    await bound(socket, address, port);
    enlargeReceiveBuffer(socket, RECEIVE_BUFFER_BYTES);
    return socket;
  } catch (error) {
    throw cannotListen("UDP", host, port, error as NodeJS.ErrnoException);
  }
}

function bound(socket: Socket, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => {
      socket.close();
      reject(error);
    };
    socket.once("error", failed);
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off("error", failed);
      resolve();
    });
  });
}

function enlargeReceiveBuffer(socket: Socket, bytes: number): void {
  try {
    socket.setRecvBufferSize(bytes);
  } catch (error) {
    if (bytes / 2 < LEAST_WORTH_ASKING) throw error;
    enlargeReceiveBuffer(socket, bytes / 2);
  }
}
