import type { IncomingMessage, ServerResponse } from "node:http";
import type { LoginRefusal, WebLogin } from "../access/web-login.js";
import type { Listener } from "../ingest/listener.js";
import { peerAddress, peerName } from "../ingest/peer-name.js";
import { createHttpServer, type ServerContext } from "../ingest/servers.js";
import { listen, stopListening } from "../listen.js";
import { json, type Route, type WebAnswer } from "./route.js";

export interface WebOptions extends ServerContext {
  readonly host: string;
  readonly port: number;
  readonly login: WebLogin;
  readonly routes: readonly Route[];
}

/** The web port: what is open for everybody, and behind one login all the rest. */
export async function listenWeb(options: WebOptions): Promise<Listener> {
  const server = createHttpServer(options, "web", (request, response) => {
    void respond(options, request, response);
  });
  const address = await listen(server, options.host, options.port, "web");
  let connections = 0;
  server.on("connection", (socket) => {
    connections++;
    socket.once("close", () => connections--);
  });
  return {
    port: address.port,
    get connections() {
      return connections;
    },
    stop() {
      server.closeAllConnections();
      options.lobby.dismiss("web");
      return stopListening(server);
    },
  };
}

async function respond(
  options: WebOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    send(request, response, await answerTo(options, request));
  } catch (error) {
    const reason = `internal error: ${(error as Error).message}`;
    options.onRefused({ peer: peerName(request.socket), listener: "web", reason, code: 500 });
    send(request, response, json(500, { error: "internal error" })); // what it was is nobody's business but the log's
  }
}

// Who is not let in learns nothing, not even which addresses there are.
async function answerTo(options: WebOptions, request: IncomingMessage): Promise<WebAnswer> {
  const path = (request.url ?? "").replace(/[?#].*$/s, "");
  const route = options.routes.find((candidate) => candidate.path === path);
  const access = route?.access ?? "all";
  if (access !== "open") {
    const { authorization } = request.headers;
    const refusal = await options.login.refuse(peerAddress(request.socket), authorization, access);
    if (refusal !== undefined) return refused(options, request, refusal);
  }
  if (route === undefined) return json(404, { error: "not found" });
  if (request.method !== "GET" && request.method !== "HEAD") return notAllowed();
  return route.answer();
}

const CHALLENGE = 'Basic realm="audio-receiver", charset="UTF-8"';
const RETRY_SECONDS = "5";

function refused(options: WebOptions, request: IncomingMessage, { status, reason }: LoginRefusal): WebAnswer {
  // A browser that asks for the first time shows no login: that is how it learns to ask for one.
  if (request.headers.authorization !== undefined)
    options.onRefused({ peer: peerName(request.socket), listener: "web", reason, code: status });
  const { headers, body } = json(status, { error: reason });
  const more: Record<string, string> =
    status === 401 ? { "www-authenticate": CHALLENGE } : { "retry-after": RETRY_SECONDS };
  return { status, headers: { ...headers, ...more }, body };
}

function notAllowed(): WebAnswer {
  const { status, headers, body } = json(405, { error: "only GET and HEAD" });
  return { status, headers: { ...headers, allow: "GET, HEAD" }, body };
}

const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

function send(
  { method }: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: WebAnswer,
): void {
  const length = Buffer.byteLength(body);
  response.writeHead(status, { ...SECURITY_HEADERS, ...headers, "content-length": length });
  response.end(method === "HEAD" ? undefined : body);
}
