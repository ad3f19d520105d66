import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { MAX_MESSAGE_BYTES } from "@audio/protocol";
import { WebSocketServer } from "ws";

/** The echo endpoints, for testing a device's way to the server. Nothing sent here is recorded. */
export interface Echo {
  /** `/ws/echo`: every message comes back. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer, onGone: () => void): void;
  /** `POST /echo`: the body comes back with its content type. */
  post(request: IncomingMessage, response: ServerResponse): void;
  /** Says goodbye to every client; whoever stays is cut off after a grace. */
  close(): void;
}

// As for streams: how long a peer may take to answer our close.
const CLOSE_GRACE_MS = 2000;

export function createEcho(): Echo {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
  });
  return {
    upgrade(request, socket, head, onGone) {
      socket.once("close", onGone); // also when the upgrade is refused after all
      server.handleUpgrade(request, socket, head, (client) => {
        client.on("error", () => client.terminate());
        client.on("message", (data, binary) => {
          client.pause(); // one message at a time: who does not read gets nothing more
          client.send(data, { binary }, () => client.resume());
        });
      });
    },
    post,
    close() {
      for (const client of server.clients) {
        client.close(1001, "server stopping");
        setTimeout(() => client.terminate(), CLOSE_GRACE_MS).unref();
      }
    },
  };
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
