import type { FastifyInstance, HTTPMethods, RouteOptions } from "fastify";
import { WebFailure } from "./web-failure.js";

const METHODS: readonly HTTPMethods[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

type Access = NonNullable<RouteOptions["config"]>["access"];

/**
 * Answers 405, with what is allowed, to all other methods of every address that is added by `addRoutes`.
 * What is not let in learns nothing of it.
 */
export async function withOtherMethods(
  app: FastifyInstance,
  addRoutes: (scope: FastifyInstance) => void | Promise<void>,
): Promise<void> {
  const known = new Map<string, { readonly methods: Set<HTTPMethods>; readonly access: Access }>();
  await app.register(async (scope) => {
    scope.addHook("onRoute", ({ url, method, config }) => {
      const entry = known.get(url) ?? { methods: new Set(), access: config?.access };
      known.set(url, entry);
      for (const each of [method].flat()) entry.methods.add(each as HTTPMethods);
    });
    await addRoutes(scope);
  });
  await app.register(async (scope) => {
    for (const [url, { methods, access }] of known) refuseOthers(scope, url, [...methods], access);
  });
}

function refuseOthers(
  app: FastifyInstance,
  url: string,
  methods: readonly HTTPMethods[],
  access: Access,
): void {
  const allowed = METHODS.filter((method) => methods.includes(method));
  const refuse = async () => {
    throw new WebFailure(405, `only ${allowed.join(" and ")}`, { allow: allowed.join(", ") });
  };
  app.route({
    url,
    method: METHODS.filter((method) => !methods.includes(method)),
    config: { access: access === "change" ? "read" : access },
    onRequest: refuse, // before a body is read
    handler: refuse,
  });
}
