import type { Archive } from "@audio/archive";
import { json, type Route } from "./route.js";

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
export function healthRoutes(options: HealthOptions): Route[] {
  return [
    { path: "/healthz", access: "open", answer: () => json(200, readinessOf(options)) },
    {
      path: "/readyz",
      access: "open",
      answer: () => {
        const readiness = readinessOf(options);
        return json(readiness.status === "ok" ? 200 : 503, readiness);
      },
    },
  ];
}

/** Whether recordings can begin, and if not, why. */
export function readinessOf({ archive, stopping }: HealthOptions): Readiness {
  const reasons = [archive.trouble, stopping() ? "stopping" : undefined].filter(
    (reason) => reason !== undefined,
  );
  return { status: reasons.length === 0 ? "ok" : "unavailable", reasons };
}
