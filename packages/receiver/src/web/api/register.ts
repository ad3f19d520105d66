import { API_ROOT, ENDPOINTS, type Endpoint, type Endpoints } from "@audio/api";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { z } from "zod";
import { WebFailure } from "../web-failure.js";
import type { ApiRequest, Handler, Handlers } from "./handler.js";

type Name = keyof Endpoints;

/** Puts the interface below `/api/v1`: each request is checked against its endpoint before a handler sees it. */
export function registerApi(app: FastifyInstance, handlers: Handlers): void {
  for (const name of Object.keys(handlers) as Name[]) {
    const [method, path] = name.split(" ");
    const endpoint: Endpoint = ENDPOINTS[name];
    const handle = handlers[name] as Handler<Name>;
    app.route({
      method: method as "GET",
      url: `${API_ROOT}${path.replace(/\{(\w+)\}/g, ":$1")}`,
      config: { access: endpoint.access },
      handler: (http, reply) => handle(checked(endpoint, http), reply),
    });
  }
}

function checked({ params, query, body }: Endpoint, http: FastifyRequest): ApiRequest<Name> {
  return {
    user: http.user,
    http,
    params: parsed(params, http.params, "path"),
    query: parsed(query, http.query, "query"),
    body: parsed(body, http.body, "body"),
  } as ApiRequest<Name>;
}

function parsed(schema: z.ZodType | undefined, value: unknown, place: string): unknown {
  if (schema === undefined) return undefined;
  const { success, data, error } = schema.safeParse(value ?? {});
  if (success) return data;
  const { path, message } = error.issues[0];
  const where = path.length === 0 ? place : `${place}: ${path.join(".")}`;
  throw new WebFailure(400, `${where}: ${message}`);
}
