import type { Archive } from "@audio/archive";
import type { FastifyInstance } from "fastify";

/** What `/readyz` answers; `/healthz` the same, but 200 as long as the process lives. */
export interface Readiness {
  readonly status: "ok" | "unavailable";
  /** Reason codes: `disk-full`, `disk-unavailable`, `disk-stalled`, `stopping`. */
  readonly reasons: readonly string[];
}

export interface HealthOptions {
  readonly archive: Pick<Archive, "trouble">;
  readonly stopping: () => boolean;
}

/** The probes: they need no login and tell neither paths nor secrets. */
export function addHealth(app: FastifyInstance, options: HealthOptions): void {
  const config = { access: "open" } as const;
  app.get("/healthz", { config }, () => readinessOf(options));
  app.get("/readyz", { config }, (_, reply) => {
    const readiness = readinessOf(options);
    return reply.status(readiness.status === "ok" ? 200 : 503).send(readiness);
  });
}

/** Whether recordings can begin, and if not, why. */
export function readinessOf({ archive, stopping }: HealthOptions): Readiness {
  const reasons = [archive.trouble, stopping() ? "stopping" : undefined].filter(
    (reason) => reason !== undefined,
  );
  return { status: reasons.length === 0 ? "ok" : "unavailable", reasons };
}
