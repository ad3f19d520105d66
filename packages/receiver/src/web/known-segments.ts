import type { Segment } from "@audio/archive";
import type { CatalogueReader } from "./catalogue-reader.js";
import { type KnownSegment, type LiveSources, liveSegments, withLive } from "./live-segments.js";
import { WebFailure } from "./web-failure.js";

/** Where segments are known from. */
export interface SegmentSources extends LiveSources {
  readonly reader: CatalogueReader;
}

/** Segments of one device in a range of time. */
export interface KnownQuery {
  /** Null: senders without a name. */
  readonly device: string | null;
  readonly streamId?: number;
  /** UTC, microseconds since the epoch: segments that reach beyond `fromUs` and begin before `toUs`. */
  readonly fromUs: number;
  readonly toUs: number;
}

// So many take the recording thread some 5 ms to receive.
const PAGE = 1000;
/** Six days in segments of 10 s: some 50 MB. */
const MOST = 50_000;

/**
 * All segments of a device in a range, live ones included, in order of their start: what is to be played is planned
 * from them.
 *
 * @throws WebFailure 400 when there are more than 50 000, 503 without a catalogue
 */
export async function knownSegments(sources: SegmentSources, query: KnownQuery): Promise<KnownSegment[]> {
  const live = liveSegments(sources, query); // first: what is entered meanwhile is then in both
  const catalogued: Segment[] = [];
  let page: Segment[];
  do {
    page = await sources.reader.segments({ ...query, after: catalogued.at(-1), limit: PAGE });
    catalogued.push(...page);
    if (catalogued.length > MOST)
      throw new WebFailure(400, `the range holds more than ${MOST} segments: ask for a shorter one`);
  } while (page.length === PAGE);
  return withLive(catalogued, live);
}
