import type { Registry } from "prom-client";

// The event loop's delay is looked at so often: 50 times a second is a thousandth of a processor.
const LOOK_EVERY_MS = 20;

let registry: Promise<Registry> | undefined;

/**
 * Metrics of this process, under the names that all programs on Node have. They belong to the process, not to a
 * receiver, and begin when they are first asked for: who is never asked does not pay for them.
 */
export async function processMetrics(): Promise<string> {
  registry ??= observeProcess();
  return (await registry).metrics();
}

async function observeProcess(): Promise<Registry> {
  const { collectDefaultMetrics, Registry: Collection } = await import("prom-client");
  const collection = new Collection();
  collectDefaultMetrics({ register: collection, eventLoopMonitoringPrecision: LOOK_EVERY_MS });
  for (const { name } of collection.getMetricsAsArray())
    if (name.startsWith("nodejs_active_")) collection.removeSingleMetric(name); // walks every socket for a number
  return collection;
}
