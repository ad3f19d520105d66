import type { z } from "zod";

/** Methods of HTTP that the interface knows. */
export type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** What is answered with bytes instead of JSON. */
export interface BytesAnswer {
  /** Media types. */
  readonly types: readonly string[];
  readonly about: string;
}

/** One address of the interface, below `/api/v1`. */
export interface Endpoint {
  readonly summary: string;
  /** What may ask: everybody who is logged in, or who may change things. */
  readonly access: "read" | "change";
  /** Of the `{names}` in the path. */
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** JSON. */
  readonly response?: z.ZodType;
  readonly bytes?: BytesAnswer;
  /** What else can be answered, by status. */
  readonly failures?: Readonly<Record<number, string>>;
}
