import type { Server } from "node:http";
import type { User } from "@audio/api";
import compress from "@fastify/compress";
import fastify, { type FastifyError, type FastifyInstance, type FastifyRequest } from "fastify";
import type { Listener } from "../ingest/listener.js";
import { peerName } from "../ingest/peer-name.js";
import { createHttpServer, type ServerContext } from "../ingest/servers.js";
import { listen, stopListening } from "../listen.js";
import type { Access, WebDoor } from "./door.js";
import type { Asker } from "./forwarded.js";
import { routeUpgrades, type UndecidedUpgrades } from "./upgrades.js";
import { WebFailure } from "./web-failure.js";

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; set for everything but what is open to all. */
    user: User;
    /** Where it comes from; set for everything. */
    asker: Asker;
  }
  interface FastifyContextConfig {
    /** What one has to be let in for (default: `read`); `open` = everybody is. */
    readonly access?: "open" | Access;
  }
}

export interface WebOptions extends ServerContext {
  readonly host: string;
  readonly port: number;
  readonly door: WebDoor;
  /** Adds what there is to see. */
  readonly routes: (app: FastifyInstance) => void | Promise<void>;
}

// What people write: notes, names.
const LARGEST_BODY = 64 * 1024;

/** The web port: what is open for everybody, and behind one login all the rest. */
export async function listenWeb(options: WebOptions): Promise<Listener> {
  const { server, app, undecided } = await createApp(options);
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
    async stop() {
      const stopped = stopListening(server);
      server.closeAllConnections();
      for (const socket of undecided) socket.destroy();
      options.lobby.dismiss("web");
      await app.close(); // says goodbye to those who became something else than HTTP
      await stopped;
    },
  };
}

interface WebApp {
  readonly server: Server;
  readonly app: FastifyInstance;
  readonly undecided: UndecidedUpgrades;
}

async function createApp(options: WebOptions): Promise<WebApp> {
  let server: Server | undefined;
  const app = fastify({
    bodyLimit: LARGEST_BODY,
    routerOptions: { ignoreTrailingSlash: false, maxParamLength: 512 },
    serverFactory: (handler) => {
      server = createHttpServer(options, "web", handler) as Server;
      return server;
    },
  });
  app.decorateRequest("user", null as unknown as User);
  app.decorateRequest("asker", null as unknown as Asker);
  app.addHook("onRequest", (request) => letIn(options, request));
  app.addHook("onSend", async (_, reply) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS))
      if (!reply.hasHeader(name)) reply.header(name, value);
  });
  app.setNotFoundHandler(({ method, url }) => {
    const path = url.replace(/[?#].*$/s, "");
    const isThere = method !== "GET" && method !== "HEAD" && app.hasRoute({ method: "GET", url: path });
    if (isThere) throw new WebFailure(405, "only GET and HEAD", { allow: "GET, HEAD" });
    throw new WebFailure(404, "not found");
  });
  app.setErrorHandler((error: FastifyError | WebFailure, request, reply) => {
    const { status, message, headers } = failureOf(options, request, error);
    return reply.status(status).headers(headers).send({ error: message });
  });
  await app.register(compress, { encodings: ["br", "gzip"], threshold: 1024 });
  await app.register(async (scope) => options.routes(scope));
  await app.ready();
  const undecided = routeUpgrades(server as Server, app, (socket) => options.lobby.leave(socket));
  return { app, server: server as Server, undecided };
}

// Who is not let in learns nothing, not even which addresses there are.
async function letIn({ door }: WebOptions, request: FastifyRequest): Promise<void> {
  request.asker = door.askerOf(request.raw);
  door.requireSameOrigin(request.raw, request.asker);
  const access = request.routeOptions.config?.access ?? "read";
  if (access !== "open") request.user = await door.enter(request.raw, access, request.asker);
}

function failureOf(
  options: WebOptions,
  { socket }: FastifyRequest,
  error: FastifyError | WebFailure,
): Pick<WebFailure, "status" | "message" | "headers"> {
  if (error instanceof WebFailure) return error;
  const { statusCode: status = 500, message } = error;
  if (status < 500) return { status, message, headers: {} };
  const reason = `internal error: ${message}`;
  options.onRefused({ peer: peerName(socket), listener: "web", reason, code: 500 });
  return { status: 500, message: "internal error", headers: {} }; // what it was is nobody's business but the log's
}

const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};
