import type { ServerResponse } from "node:http";
import type { Archive } from "@audio/archive";
import type { Listener } from "./ingest/listener.js";
import { createHttpServer, type ServerContext } from "./ingest/servers.js";
import { listen, stopListening } from "./listen.js";

/** What `/readyz` answers; `/healthz` the same, but 200 as long as the process lives. */
interface Readiness {
  readonly status: "ok" | "unavailable";
  /** Reason codes: `disk-full`, `disk-unavailable`, `disk-stalled`, `stopping`. */
  readonly reasons: readonly string[];
}

export interface HealthOptions extends ServerContext {
  readonly archive: Archive;
  readonly host: string;
  readonly port: number;
  readonly stopping: () => boolean;
}

/** The web port's probes: they need no login and tell neither paths nor secrets. */
export async function listenHealth(options: HealthOptions): Promise<Listener> {
  const server = createHttpServer(options, "web", (request, response) => {
    const path = (request.url ?? "").split("?")[0];
    const readiness = readinessOf(options);
    if (path === "/healthz") answer(response, 200, readiness);
    else if (path === "/readyz") answer(response, readiness.status === "ok" ? 200 : 503, readiness);
    else answer(response, 404, { error: "not found", available: ["/healthz", "/readyz"] });
  });
  const address = await listen(server, options.host, options.port, "web");
  return {
    port: address.port,
    stop() {
      server.closeAllConnections();
      options.lobby.dismiss("web");
      return stopListening(server);
    },
  };
}

function readinessOf({ archive, stopping }: HealthOptions): Readiness {
  const reasons = [archive.trouble, stopping() ? "stopping" : undefined].filter(
    (reason) => reason !== undefined,
  );
  return { status: reasons.length === 0 ? "ok" : "unavailable", reasons };
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(`${JSON.stringify(body)}\n`);
}
