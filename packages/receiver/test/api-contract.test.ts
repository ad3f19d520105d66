import { API_ROOT, ENDPOINTS, type Endpoint, Failure } from "@audio/api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { handshake, pcmFrames, tones } from "./support/audio.js";
import { play } from "./support/stream-client.js";
import { TestReceiver } from "./support/test-receiver.js";
import { until } from "./support/waiting.js";

const PARAMS: Readonly<Record<string, string>> = { device: "kitchen", key: "1", id: "0123abcd" };
const VALID: Readonly<Record<string, string>> = {
  device: "kitchen",
  from: "-1h",
  to: new Date(Date.now() + 3_600_000).toISOString(),
  points: "50",
  month: "2026-11",
  q: "kitchen",
  stream: "7",
};
// Answered otherwise by nature: an upgrade, and what goes on for ever.
const ENDLESS = new Set(["GET /events", "GET /live/{key}"]);
const HOSTILE = [
  "",
  "0",
  "-1",
  "99999999999999999999",
  "NaN",
  "9999-12-31",
  "../../etc/passwd",
  "%00",
  "a'; DROP TABLE segments; --",
  "é".repeat(70),
  "[object Object]",
];

const gets = (Object.entries(ENDPOINTS) as [string, Endpoint][]).filter(([name]) => name.startsWith("GET "));
const asked = gets.filter(([name]) => !ENDLESS.has(name));

let server: TestReceiver;

beforeAll(async () => {
  server = await TestReceiver.start({ catalogue: true, wsSegmentSeconds: 1, timezone: "UTC" });
  const [first, , ...rest] = pcmFrames(tones(32_000), { frameSamples: 320 });
  await play(server.ws("/kitchen"), [handshake(), first, ...rest]);
  await server.streamClosed(7);
  await until("the catalogue has it", async () => {
    const answer = await server.look(`${API_ROOT}/devices`);
    const [kitchen] = (await answer.json()) as { segments: number }[];
    return kitchen?.segments === 2;
  });
});

afterAll(() => server[Symbol.asyncDispose]());

function address(name: string, { query }: Endpoint, changed: Readonly<Record<string, string>> = {}): string {
  const path = name.slice(4).replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(PARAMS[key]));
  const search = new URLSearchParams();
  for (const key of Object.keys(query?.shape ?? {})) {
    const value = changed[key] ?? VALID[key];
    if (value !== undefined) search.set(key, value);
  }
  return `${API_ROOT}${path}?${search}`;
}

async function requireAsDescribed(endpoint: Endpoint, answer: Response): Promise<void> {
  const described = new Set([200, 400, 404, 503, ...Object.keys(endpoint.failures ?? {}).map(Number)]);
  expect(described).toContain(answer.status);
  if (answer.status !== 200) return void Failure.parse(await answer.json());
  if (endpoint.bytes !== undefined) {
    const type = answer.headers.get("content-type") ?? "";
    expect(endpoint.bytes.types.some((each) => type.startsWith(each))).toBe(true);
    await answer.arrayBuffer();
  } else (endpoint.response as z.ZodType).parse(await answer.json());
}

describe("every address that is asked", () => {
  it.each(asked)("%s answers as it is described", async (name, endpoint) => {
    const answer = await server.look(address(name, endpoint));
    expect(answer.status).toBe(200);
    await requireAsDescribed(endpoint, answer);
  });

  it.each(asked)("%s answers hostile values as it is described", async (name, endpoint) => {
    for (const key of Object.keys(endpoint.query?.shape ?? {}))
      for (const value of HOSTILE)
        await requireAsDescribed(endpoint, await server.look(address(name, endpoint, { [key]: value })));
    for (const value of HOSTILE) {
      const path = name.slice(4).replace(/\{(\w+)\}/g, () => encodeURIComponent(value));
      if (path !== name.slice(4))
        await requireAsDescribed(endpoint, await server.look(`${API_ROOT}${path}?from=-1h`));
    }
  });

  it.each(asked)("%s tells nobody anything who is not logged in", async (name, endpoint) => {
    const answer = await server.look(address(name, endpoint), { headers: {} });
    expect([answer.status, Object.keys(await answer.json())]).toEqual([401, ["error"]]);
  });
});

const Schema = z.record(z.string(), z.unknown());
const Content = z.record(z.string().regex(/^\w+\/[\w.+-]+$/), z.strictObject({ schema: Schema }));
const Operation = z.strictObject({
  operationId: z.string().regex(/^[a-z]\w+$/),
  summary: z.string().min(5),
  parameters: z.array(
    z.strictObject({
      name: z.string().min(1),
      in: z.enum(["path", "query"]),
      required: z.boolean(),
      schema: Schema,
      description: z.string().optional(),
    }),
  ),
  requestBody: z.strictObject({ required: z.boolean(), content: Content }).optional(),
  responses: z.record(
    z.string().regex(/^[1-5]\d\d$/),
    z.strictObject({ description: z.string().min(1), content: Content }),
  ),
});
const Description = z.strictObject({
  openapi: z.literal("3.1.0"),
  info: z.strictObject({
    title: z.string(),
    version: z.string(),
    license: z.strictObject({ name: z.string(), identifier: z.string() }),
  }),
  servers: z.array(z.strictObject({ url: z.string() })).length(1),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  paths: z.record(
    z.string().startsWith("/"),
    z.partialRecord(z.enum(["get", "post", "patch", "delete"]), Operation),
  ),
  components: z.strictObject({
    securitySchemes: z.strictObject({
      basic: z.strictObject({ type: z.literal("http"), scheme: z.literal("basic") }),
    }),
    schemas: z.record(z.string(), Schema),
  }),
});

describe("the description", () => {
  it("is one of OpenAPI 3.1, with every address once", async () => {
    const description = Description.parse(await (await server.look(`${API_ROOT}/openapi.json`)).json());
    const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
    );
    expect(operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`).sort()).toEqual(
      Object.keys(ENDPOINTS).sort(),
    );
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { path, parameters } of operations) {
      const inPath = parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name);
      expect(inPath).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    }
    expect(references(description).every((name) => name in description.components.schemas)).toBe(true);
  });
});

function references(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "$ref" ? [String(inner).replace("#/components/schemas/", "")] : references(inner),
  );
}
