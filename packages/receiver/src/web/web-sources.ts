import type { Archive } from "@audio/archive";
import type { IngestContext } from "../ingest/ingest-context.js";
import type { Listener } from "../ingest/listener.js";
import type { OpenKeeper } from "../open-keeper.js";
import type { EventCounts } from "./metrics/event-counts.js";

/** Everything that can be seen through the web port. */
export interface WebSources extends IngestContext {
  readonly archive: Archive;
  readonly counts: EventCounts;
  /** Undefined when there is none. */
  readonly keeper: OpenKeeper | undefined;
  /** Calls `listener` whenever the settings have changed. */
  readonly onSettings: (listener: () => Promise<void>) => void;
  /** The ports that are open, this one included. */
  readonly listeners: ReadonlyMap<string, Listener>;
}
