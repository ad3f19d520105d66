import type { IncomingMessage, Server } from "node:http";
import type { User } from "@audio/api";
import fastify, { type FastifyError, type FastifyInstance, type FastifyRequest } from "fastify";
import type { Asker } from "../access/forwarded.js";
import type { Listener } from "../ingest/listener.js";
import { createHttpServer, type ServerContext } from "../ingest/servers.js";
import { listen, stopListening } from "../listen.js";
import { guardAnswers } from "./answers.js";
import { compressAnswers } from "./compression.js";
import type { Access, WebDoor } from "./door.js";
import { answerTo, LARGEST_BODY } from "./failures.js";
import { withOtherMethods } from "./methods.js";
import { routeUpgrades, type UndecidedUpgrades } from "./upgrades.js";
import { WebFailure } from "./web-failure.js";
import { type Place, placeOf } from "./web-path.js";

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; set for everything but what is open to all. */
    user: User;
    /** Where it comes from; set for everything. */
    asker: Asker;
    /** Where it goes to; set for everything. */
    place: Place;
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
  /** Path of the web root: begins and ends with `/`. */
  readonly webPath: string;
  /** Adds what there is to see. */
  readonly routes: (app: FastifyInstance) => void | Promise<void>;
}

// Zod checks what is asked. Fastify's own compilers would be loaded all the same: 110 modules, a tenth of a start.
function noCompiler(): never {
  throw new Error("a route has a schema for fastify: api/register.ts checks with zod");
}

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
  const { door, webPath, onRefused } = options;
  const places = new WeakMap<IncomingMessage, Place>();
  let server: Server | undefined;
  const app = fastify({
    bodyLimit: LARGEST_BODY,
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
    routerOptions: { ignoreTrailingSlash: false, maxParamLength: 512 },
    rewriteUrl(request) {
      const raw = request as IncomingMessage;
      const place = placeOf(raw, door.askerOf(raw), webPath);
      places.set(raw, place);
      return place.url;
    },
    serverFactory: (handler) => {
      server = createHttpServer(options, "web", handler) as Server;
      return server;
    },
  });
  app.decorateRequest("user", null as unknown as User);
  app.decorateRequest("asker", null as unknown as Asker);
  app.decorateRequest("place", null as unknown as Place);
  app.removeContentTypeParser("text/plain"); // a form of another site can send it unasked
  app.addHook("onRequest", async (request) => {
    request.place = places.get(request.raw) as Place;
    await letIn(door, request);
  });
  guardAnswers(app);
  app.setNotFoundHandler(({ place, method }) => {
    throw nothingThere(place, method);
  });
  app.setErrorHandler((error: FastifyError | WebFailure, request, reply) => {
    const { status, message, headers } = answerTo(error, request, onRefused);
    return reply.status(status).headers(headers).send({ error: message });
  });
  await compressAnswers(app);
  await withOtherMethods(app, (scope) => options.routes(scope));
  await app.ready();
  const undecided = routeUpgrades(server as Server, app, (socket) => options.lobby.leave(socket));
  return { app, server: server as Server, undecided };
}

// Who is not let in learns nothing, not even which addresses there are.
async function letIn(door: WebDoor, request: FastifyRequest): Promise<void> {
  request.asker = door.askerOf(request.raw);
  door.requireSameOrigin(request.raw, request.asker);
  const access = request.routeOptions.config?.access ?? "read";
  if (access !== "open") request.user = await door.enter(request.raw, access, request.asker);
}

const METHODS = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE)$/;

function nothingThere({ kind, base }: Place, method: string): WebFailure {
  if (!METHODS.test(method)) return new WebFailure(501, `${method} is no method that is known here`);
  if (kind === "malformed")
    return new WebFailure(400, "the address is malformed: a % in it begins no character");
  if (kind === "slashless") return new WebFailure(308, `it is ${base}`, { location: base });
  return new WebFailure(404, "not found");
}
