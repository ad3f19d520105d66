import { type Catalogue, type FactsContext, layoutReader } from "@audio/archive";
import { readTags } from "@audio/compress";
import { TimeZone } from "@audio/segments";
import type { KeeperContext } from "./context.js";
import type { KeeperSettings } from "./keeper-settings.js";
import type { Pipeline } from "./pipeline.js";

/** How files tell what they are. */
export function factsContext({ timezone, paths }: KeeperSettings): FactsContext {
  return { zone: new TimeZone(timezone), names: layoutReader(paths), readTags };
}

const BORN = "born";
// The recorder tells of a segment within a second of its end; whoever is not told of by then is recovered.
const REMEMBERED = 10_000;

/**
 * Segments that were found before anybody told of them. One that came since the last search was cut off by a crash
 * before it could be told, or is about to be: it goes through everything. One that a new catalogue finds, older than
 * itself, may be of years ago: it is measured, and its copy in the store is looked for (what is not there is uploaded);
 * nobody is told of it, and it is not compressed unasked.
 */
export class FoundSegments {
  readonly #catalogue: Catalogue;
  readonly #pipeline: Pipeline;
  readonly #bornUs: number;
  readonly #begun = new Set<number>();

  constructor(context: KeeperContext, pipeline: Pipeline) {
    this.#catalogue = context.catalogue;
    this.#pipeline = pipeline;
    this.#bornUs = birthOf(context);
  }

  /** @param isFirst the first search of this catalogue is not complete */
  enter(id: number, isFirst: boolean): void {
    const segment = this.#catalogue.segments.byId(id);
    if (segment === undefined) return;
    if (isFirst && segment.endUs < this.#bornUs) this.#pipeline.only(segment, ["measure", "upload"]);
    else {
      this.#pipeline.begin(segment);
      this.#remember(id);
    }
  }

  /** Whether a segment was begun here. */
  has(id: number): boolean {
    return this.#begun.has(id);
  }

  #remember(id: number): void {
    this.#begun.add(id);
    if (this.#begun.size <= REMEMBERED) return;
    const [oldest] = this.#begun;
    this.#begun.delete(oldest);
  }
}

/** When a catalogue began: UTC, microseconds since the epoch. */
function birthOf({ catalogue: { notes }, now }: KeeperContext): number {
  const known = notes.mark(BORN);
  const bornMs = known === undefined ? now() : Date.parse(known);
  if (known === undefined) notes.setMark(BORN, new Date(bornMs).toISOString());
  return bornMs * 1000;
}
