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

/** When a catalogue began: UTC, microseconds since the epoch. */
export function birthOf({ catalogue: { notes }, now }: KeeperContext): number {
  const known = notes.mark(BORN);
  const bornMs = known === undefined ? now() : Date.parse(known);
  if (known === undefined) notes.setMark(BORN, new Date(bornMs).toISOString());
  return bornMs * 1000;
}

const BORN = "born";

export interface Finding {
  /** The first search of this catalogue is not complete. */
  readonly isFirst: boolean;
  readonly bornUs: number;
}

/**
 * A segment that nobody told of. One that came since the last search was cut off by a crash before it could be told:
 * it goes through everything. One that a new catalogue finds, older than itself, may be of years ago: it is measured, and
 * its copy in the store is looked for (what is not there is uploaded); nobody is told of it, and it is not compressed
 * unasked.
 */
export function enterFound(
  { catalogue }: KeeperContext,
  pipeline: Pipeline,
  id: number,
  { isFirst, bornUs }: Finding,
): void {
  const segment = catalogue.segments.byId(id);
  if (segment === undefined) return;
  if (isFirst && segment.endUs < bornUs) pipeline.only(segment, ["measure", "upload"]);
  else pipeline.begin(segment);
}
