import type { Archive } from "@audio/archive";
import type { KeeperThread } from "@audio/keeper";
import { WebLogin } from "../access/web-login.js";
import { webPasswordIn } from "../access/web-password.js";
import type { IngestContext } from "../ingest/ingest-context.js";
import type { Listener } from "../ingest/listener.js";
import { healthRoutes, readinessOf } from "./health.js";
import type { EventCounts } from "./metrics/event-counts.js";
import { metricsRoute } from "./metrics/route.js";
import { listenWeb } from "./server.js";

/** Everything that can be seen through the web port. */
export interface WebSources extends IngestContext {
  readonly archive: Archive;
  readonly counts: EventCounts;
  /** Undefined when there is none. */
  readonly keeper: KeeperThread | undefined;
  /** The ports that are open, this one included. */
  readonly listeners: ReadonlyMap<string, Listener>;
}

/** Opens the web port: the probes, and behind the login the metrics. */
export async function openWeb(sources: WebSources, host: string, port: number): Promise<Listener> {
  const { archive, gate, settings } = sources;
  const login = await openLogin(sources);
  const health = { archive, stopping: () => gate.closed };
  const metrics = metricsRoute({
    ...sources,
    logins: login.counts,
    readiness: () => readinessOf(health),
    backlogLimitBytes: settings.backlogBytes,
    minFreeBytes: settings.minFreeBytes,
    maxMetricDevices: settings.maxMetricDevices,
  });
  return listenWeb({ ...sources, host, port, login, routes: [...healthRoutes(health), metrics] });
}

/** The login; a password is made where none was given or made before. */
async function openLogin({ settings, archive, events }: WebSources): Promise<WebLogin> {
  const { webAccess } = settings;
  if (webAccess.secret !== undefined) return new WebLogin(webAccess);
  const found = await webPasswordIn(archive.dataDir);
  if (found.hash === undefined) events.emit("web:locked", { path: found.path, fault: found.fault });
  else if (found.generated !== undefined)
    events.emit("web:password", { username: webAccess.username, ...found.generated });
  return new WebLogin({ ...webAccess, secret: found.hash });
}
