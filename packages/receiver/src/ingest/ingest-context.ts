import type { EventEmitter } from "node:events";
import type { Clock } from "@audio/archive";
import type { CurrentSettings } from "../current-settings.js";
import type { ReceiverEvents } from "../events.js";
import type { Streams } from "../streams.js";
import type { Gate } from "./gate.js";
import type { NapWheel } from "./nap-wheel.js";
import type { ServerContext } from "./servers.js";

/** What every listener and connection works with. */
export interface IngestContext extends ServerContext {
  readonly settings: CurrentSettings;
  readonly events: EventEmitter<ReceiverEvents>;
  readonly streams: Streams;
  readonly gate: Gate;
  readonly napWheel: NapWheel;
  readonly clock: Clock;
}
