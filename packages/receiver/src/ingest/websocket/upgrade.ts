import { createHash } from "node:crypto";
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { ACK_SUBPROTOCOL } from "@audio/protocol";

// RFC 6455 section 1.3
const ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
// How long a peer may take to close its side after our answer.
const CLOSE_GRACE_MS = 2000;
/** An HTTP status and what is wrong. */
export interface HttpRefusal {
  readonly status: number;
  readonly reason: string;
}

const KEY = /^[+/0-9A-Za-z]{22}==$/;

/** Why a request is no WebSocket opening handshake; undefined if it is one (RFC 6455 section 4.2.1). */
export function upgradeFault(request: IncomingMessage): HttpRefusal | undefined {
  const { method, headers } = request;
  if (method !== "GET") return { status: 405, reason: `method ${method} cannot open a WebSocket: use GET` };
  if (headers.upgrade?.toLowerCase() !== "websocket") {
    return { status: 400, reason: "header Upgrade must be websocket" };
  }
  if (!KEY.test(headers["sec-websocket-key"] ?? "")) {
    return { status: 400, reason: "header Sec-WebSocket-Key must be 16 bytes in base64" };
  }
  if (headers["sec-websocket-version"] !== "13") {
    return { status: 426, reason: "header Sec-WebSocket-Version must be 13" };
  }
  return undefined;
}

/** Whether the sender asks to be told what is on disk. */
export function offersAcknowledgement({ headers }: IncomingMessage): boolean {
  const offered = headers["sec-websocket-protocol"] ?? "";
  return offered.split(",").some((name) => name.trim() === ACK_SUBPROTOCOL);
}

/** Answers 101 to a request that `upgradeFault` finds right; of subprotocols we know one. */
export function acceptUpgrade(request: IncomingMessage, socket: Duplex): void {
  const key = request.headers["sec-websocket-key"] as string;
  const accept = createHash("sha1")
    .update(key + ACCEPT_GUID)
    .digest("base64");
  const lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
  if (offersAcknowledgement(request)) lines.push(`Sec-WebSocket-Protocol: ${ACK_SUBPROTOCOL}`);
  socket.write([...lines, `Sec-WebSocket-Accept: ${accept}`, "", ""].join("\r\n"));
}

/** Answers an upgrade with an HTTP error, says why, and closes. */
export function refuseUpgrade(socket: Duplex, { status, reason }: HttpRefusal): void {
  const body = `${reason}\n`;
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, "Connection: close"];
  for (const [name, value] of Object.entries(headersOf(status))) lines.push(`${name}: ${value}`);
  lines.push(`Content-Length: ${Buffer.byteLength(body)}`, "", body);
  socket.once("error", () => socket.destroy());
  socket.resume(); // what the peer has sent already must not turn our answer into a reset
  socket.end(lines.join("\r\n"));
  setTimeout(() => socket.destroy(), CLOSE_GRACE_MS).unref();
}

/** Answers a plain request with an HTTP error, and says why. */
export function refuseRequest(response: ServerResponse, { status, reason }: HttpRefusal): void {
  response.writeHead(status, headersOf(status));
  response.end(`${reason}\n`);
}

function headersOf(status: number): Record<string, string> {
  return { "Content-Type": "text/plain", ...EXTRA_HEADERS[status] };
}

const EXTRA_HEADERS: Record<number, Record<string, string>> = {
  401: { "WWW-Authenticate": "Bearer" },
  426: { Upgrade: "websocket", "Sec-WebSocket-Version": "13" },
  429: { "Retry-After": "5" },
  503: { "Retry-After": "5" },
};
