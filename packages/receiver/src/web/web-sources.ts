import type { Archive } from "@audio/archive";
import type { KeeperThread } from "@audio/keeper";
import type { IngestContext } from "../ingest/ingest-context.js";
import type { Listener } from "../ingest/listener.js";
import type { EventCounts } from "./metrics/event-counts.js";

/** Everything that can be seen through the web port. */
export interface WebSources extends IngestContext {
  readonly archive: Archive;
  readonly counts: EventCounts;
  /** Undefined when there is none. */
  readonly keeper: KeeperThread | undefined;
  /** The ports that are open, this one included. */
  readonly listeners: ReadonlyMap<string, Listener>;
}
