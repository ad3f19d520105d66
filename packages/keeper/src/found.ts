import { type FactsContext, layoutReader } from "@audio/archive";
import { readTags } from "@audio/compress";
import { TimeZone } from "@audio/segments";
import type { KeeperContext } from "./context.js";
import type { KeeperSettings } from "./keeper-settings.js";
import type { Pipeline } from "./pipeline.js";

/** How files tell what they are. */
export function factsContext({ timezone, paths }: KeeperSettings): FactsContext {
  return { zone: new TimeZone(timezone), names: layoutReader(paths), readTags };
}

/**
 * A segment that nobody told of. One that came since the last search was cut off by a crash before it could be told:
 * it goes through everything. In a new catalogue it may be years old: it is measured, and its copy in the store is
 * looked for (what is not there is uploaded); nobody is told of it, and it is not compressed unasked.
 */
export function enterFound(
  { catalogue }: KeeperContext,
  pipeline: Pipeline,
  id: number,
  isFirst: boolean,
): void {
  const segment = catalogue.segments.byId(id);
  if (segment === undefined) return;
  if (isFirst) pipeline.only(segment, ["measure", "upload"]);
  else pipeline.begin(segment);
}
