import { z } from "zod";
import type { Endpoint } from "./endpoint.js";
import { ENDPOINTS } from "./endpoints.js";
import { Failure } from "./schemas/common.js";

/** Where the interface is, below the web root. */
export const API_ROOT = "/api/v1";

/** The OpenAPI 3.1 description of everything below {@link API_ROOT}. */
export function describeApi(version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, endpoint] of Object.entries<Endpoint>(ENDPOINTS)) {
    const [method, path] = name.split(" ");
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation(name, endpoint) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Audio receiver", version, license: { name: "MIT", identifier: "MIT" } },
    servers: [{ url: `.${API_ROOT}` }],
    security: [{ basic: [] }],
    paths,
    components: {
      securitySchemes: { basic: { type: "http", scheme: "basic" } },
      schemas: { Failure: schemaOf(Failure) },
    },
  };
}

function operation(name: string, endpoint: Endpoint) {
  return {
    operationId: operationId(name),
    summary: endpoint.summary,
    parameters: [...parameters(endpoint.params, "path"), ...parameters(endpoint.query, "query")],
    ...(endpoint.body !== undefined && {
      requestBody: { required: true, content: { "application/json": { schema: schemaOf(endpoint.body) } } },
    }),
    responses: { 200: success(endpoint), ...failures(endpoint) },
  };
}

// "GET /devices/{device}/connections" → getDevicesDeviceConnections
function operationId(name: string): string {
  const words = name.toLowerCase().match(/[a-z]+/g) as RegExpMatchArray;
  return words.map((word, i) => (i === 0 ? word : word[0].toUpperCase() + word.slice(1))).join("");
}

function parameters(object: z.ZodObject | undefined, place: "path" | "query") {
  return Object.entries(object?.shape ?? {}).map(([name, type]) => {
    const { description, ...schema } = schemaOf(type as z.ZodType);
    const required = !(type as z.ZodType).safeParse(undefined).success;
    return { name, in: place, required, schema, ...(description !== undefined && { description }) };
  });
}

function success({ bytes, response = z.unknown() }: Endpoint) {
  if (bytes === undefined) {
    return { description: "done", content: { "application/json": { schema: schemaOf(response) } } };
  }
  const content = Object.fromEntries(
    bytes.types.map((type) => [type, { schema: { type: "string", format: "binary" } }]),
  );
  return { description: bytes.about, content };
}

function failures({ access, params, query, body, failures: own = {} }: Endpoint) {
  const asks = params !== undefined || query !== undefined || body !== undefined;
  const asked = { 400: "not a request as described", 404: "no such device, or none that this user may see" };
  const changes = { 403: "this user changes nothing" };
  const all: Partial<Record<number, string>> = {
    ...(asks ? asked : undefined),
    ...(access === "change" ? changes : undefined),
    401: "login required",
    429: "too many wrong logins, or too many requests at once",
    503: "there is no catalogue, or it is not ready",
    ...own,
  };
  const schema = { $ref: "#/components/schemas/Failure" };
  const entries = Object.entries(all).map(([status, description]) => [
    status,
    { description, content: { "application/json": { schema } } },
  ]);
  return Object.fromEntries(entries);
}

function schemaOf(type: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...schema } = z.toJSONSchema(type, { io: "input", unrepresentable: "any" });
  return schema;
}
