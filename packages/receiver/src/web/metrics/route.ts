import type { EventEmitter } from "node:events";
import type { KeeperThread } from "@audio/keeper";
import type { FastifyInstance } from "fastify";
import type { ReceiverEvents } from "../../events.js";
import type { Streams } from "../../streams.js";
import { DeviceMetrics } from "./device-metrics.js";
import { type Family, formatFamilies } from "./family.js";
import { keeperFamilies } from "./keeper-metrics.js";
import { processMetrics } from "./process-metrics.js";
import {
  diskFamilies,
  doorFamilies,
  type ReceiverSources,
  stateFamilies,
  streamFamilies,
} from "./receiver-metrics.js";

export interface MetricsOptions extends ReceiverSources {
  readonly events: EventEmitter<ReceiverEvents>;
  readonly streams: Streams;
  readonly maxMetricDevices: number;
  readonly keeper: Pick<KeeperThread, "status"> | undefined;
}

const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** `GET /metrics`: everything is read when it is asked for. */
export function addMetrics(app: FastifyInstance, options: MetricsOptions): void {
  const { events, archive, streams, keeper, maxMetricDevices: most } = options;
  const devices = new DeviceMetrics({ events, archive, most, nowUs: () => Date.now() * 1000 });
  app.get("/metrics", { config: { access: "metrics" } }, async (_, reply) => {
    const status = await keeper?.status();
    const live = streams.status;
    const families: Family[] = [
      ...stateFamilies(options),
      ...streamFamilies(options, live),
      ...doorFamilies(options),
      ...diskFamilies(options),
      ...devices.families(live),
      ...keeperFamilies({ isThere: keeper !== undefined, status, nowMs: Date.now() }),
    ];
    return reply.type(CONTENT_TYPE).send(formatFamilies(families) + (await processMetrics()));
  });
}
