import { createHash } from "node:crypto";
import type { HookEvent } from "./event.js";
import { type HookPayload, PAYLOAD_VERSION, payloadBody } from "./payload.js";
import type { Hook } from "./settings.js";

/** One event on its way to one hook; JSON-able, so that it can wait in a database. */
export interface Delivery {
  /** The same whenever the same event is offered to the same hook again, also after a restart. */
  readonly id: string;
  /** Name of the hook. */
  readonly hook: string;
  readonly payload: HookPayload;
}

/** The deliveries that an event gives rise to: one for each hook that wants it. */
export function deliveriesFor(hooks: readonly Hook[], event: HookEvent): Delivery[] {
  const wanting = hooks.filter((hook) => wants(hook, event));
  if (wanting.length === 0) return [];
  const body = payloadBody(event);
  return wanting.map(({ name }) => {
    const id = deliveryId(name, event);
    return { id, hook: name, payload: { version: PAYLOAD_VERSION, id, hook: name, ...body } };
  });
}

function wants({ on, devices }: Hook, event: HookEvent): boolean {
  if (!on.includes(event.event)) return false;
  if (devices === undefined || event.event === "disk:low") return true;
  const device = event.event === "segment:complete" ? event.segment.device : event.stream.device;
  return device !== undefined && devices.includes(device);
}

// A hash of what the event is about, not of all it says: a segment that is offered again may have other forms by now.
function deliveryId(hook: string, event: HookEvent): string {
  const about = JSON.stringify([hook, event.event, ...identity(event)]);
  const hex = createHash("sha256").update(about).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}

function identity(event: HookEvent): (string | number | undefined)[] {
  if (event.event === "segment:complete") return [event.segment.stem, event.segment.startUs];
  if (event.event === "disk:low") return [event.atUs, event.trouble];
  const { device, source, streamId, peer, key } = event.stream;
  const stream = [device, source, streamId, peer, key];
  if (event.event !== "gap") return [...stream, event.atUs];
  const { startUs, samples, cause } = event.gap;
  return [...stream, startUs, samples, cause];
}
