import type { Endpoints, User } from "@audio/api";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";

type Field<Of, Key extends string> = Of extends { readonly [K in Key]: infer Type extends z.ZodType }
  ? z.output<Type>
  : undefined;

/** A request that was checked. */
export interface ApiRequest<Name extends keyof Endpoints> {
  readonly user: User;
  readonly params: Field<Endpoints[Name], "params">;
  readonly query: Field<Endpoints[Name], "query">;
  readonly body: Field<Endpoints[Name], "body">;
  readonly http: FastifyRequest;
}

type Response<Name extends keyof Endpoints> = Endpoints[Name] extends {
  readonly response: infer Type extends z.ZodType;
}
  ? z.input<Type>
  : FastifyReply;

/** Answers an endpoint: with its JSON, or what goes through the reply. Throws `WebFailure` for what the asker must know. */
export type Handler<Name extends keyof Endpoints> = (
  request: ApiRequest<Name>,
  reply: FastifyReply,
) => Response<Name> | Promise<Response<Name>>;

/** Some of the interface. */
export type Handlers = { readonly [Name in keyof Endpoints]?: Handler<Name> };
