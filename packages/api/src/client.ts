import type { z } from "zod";
import type { Endpoint } from "./endpoint.js";
import type { Endpoints } from "./endpoints.js";

export { type DeviceLevels, formatLevels, type LevelsMessage, parseLevels } from "./levels-message.js";
export type { LiveFormat } from "./live-format.js";

type Named<Key extends string, Type> = Type extends z.ZodType
  ? { readonly [K in Key]: z.input<Type> }
  : unknown;
type Field<Of, Key extends string> = Of extends { readonly [K in Key]: infer Type } ? Type : undefined;

/** What a call must be given: `params`, `query` and `body` as the endpoint has them. */
export type RequestOf<Name extends keyof Endpoints> = Named<"params", Field<Endpoints[Name], "params">> &
  Named<"query", Field<Endpoints[Name], "query">> &
  Named<"body", Field<Endpoints[Name], "body">> & { readonly signal?: AbortSignal };

/** What it answers. */
export type ResponseOf<Name extends keyof Endpoints> =
  Field<Endpoints[Name], "response"> extends z.ZodType
    ? z.output<Field<Endpoints[Name], "response"> & z.ZodType>
    : ArrayBuffer;

/** An answer that is no success, or none at all. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /**
   * @param status of HTTP; 0 = the receiver did not answer
   * @param message what was wrong, and what to do
   */
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Asks a receiver, with the types of its description. */
export interface Client {
  /** The address that a request goes to: for players and links. */
  address<Name extends keyof Endpoints>(name: Name, request: RequestOf<Name>): string;
  /**
   * Asks.
   * @throws ApiError; the signal's reason when it is aborted
   */
  call<Name extends keyof Endpoints>(name: Name, request: RequestOf<Name>): Promise<ResponseOf<Name>>;
}

interface AnyRequest {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/**
 * A client of the interface, in a browser or anywhere else with `fetch`.
 * @param root the web root, as `https://host/audio/`
 * @param headers sent with every request: programs log in here, browsers by themselves
 */
export function createClient(root: string, headers: Readonly<Record<string, string>> = {}): Client {
  const base = new URL("api/v1", root.endsWith("/") ? root : `${root}/`).href;
  const address = (name: string, { params = {}, query = {} }: AnyRequest) => {
    const path = name.slice(name.indexOf(" ") + 1);
    const filled = path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(String(params[key])));
    const search = queryOf(query);
    return `${base}${filled}${search === "" ? "" : `?${search}`}`;
  };
  return {
    address: (name, request) => address(name, request as AnyRequest),
    async call(name, request) {
      const { body, signal } = request as AnyRequest;
      const sent: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
      const answer = await fetch(address(name, request as AnyRequest), {
        method: name.slice(0, name.indexOf(" ")),
        headers: { ...headers, ...sent },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal,
      }).catch((error: Error) => {
        signal?.throwIfAborted();
        const why = error.cause instanceof Error ? error.cause.message : error.message; // Node says it there
        throw new ApiError(0, `the receiver does not answer: ${why}`);
      });
      if (!answer.ok) throw await failureOf(answer);
      const isJson = answer.headers.get("content-type")?.startsWith("application/json");
      return (isJson ? answer.json() : answer.arrayBuffer()) as Promise<ResponseOf<typeof name>>;
    },
  };
}

function queryOf(query: Readonly<Record<string, unknown>>): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const each of Array.isArray(value) ? value : [value]) search.append(key, String(each));
  }
  return search.toString();
}

async function failureOf(answer: Response): Promise<ApiError> {
  const text = await answer.text();
  try {
    return new ApiError(answer.status, JSON.parse(text).error);
  } catch {
    return new ApiError(answer.status, `the receiver answers ${answer.status}`); // a proxy's page, not ours
  }
}

export type { Endpoint };
