import { relative, sep } from "node:path";
import type { Catalogue, LocalForm, Segment, SegmentComplete, SegmentFacts } from "@audio/archive";
import { summarize } from "@audio/levels";
import type { KeeperEvent } from "./events.js";
import type { SoundWatch } from "./sound-watch.js";

export interface IntakeOptions {
  readonly catalogue: Catalogue;
  /** Absolute. */
  readonly dataDir: string;
  /** Names this run of the receiver. */
  readonly run: string;
  readonly sounds: SoundWatch;
  /** Whether a segment has begun its way already, found by a search. */
  readonly hasBegun: (id: number) => boolean;
  /** A segment came into the catalogue. */
  readonly begin: (segment: Segment) => void;
  readonly hook: (event: Extract<KeeperEvent, { type: "hook" }>["event"]) => void;
  readonly look: () => void;
  /** So many events are in the catalogue. */
  readonly taken: (count: number) => void;
  readonly onTrouble: (error: unknown) => void;
}

// Some events in one transaction: 20 times cheaper than one by one, and a page that shows them is not late.
const GATHER_MS = 200;
// A transaction of so many takes some 20 ms.
const AT_ONCE = 500;
const AGAIN_MS = 2000;

/** Takes what the recorder tells into the catalogue, in the order in which it is told. */
export class Intake {
  readonly #options: IntakeOptions;
  #waiting: KeeperEvent[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  take(events: readonly KeeperEvent[]): void {
    this.#waiting.push(...events);
    this.#timer ??= setTimeout(() => this.#write(), GATHER_MS);
  }

  /** Takes all that waits; what the catalogue does not accept is lost to it until it scans the files. */
  close(): void {
    clearTimeout(this.#timer);
    while (this.#waiting.length > 0 && this.#writeSome());
    clearTimeout(this.#timer);
  }

  #write(): void {
    this.#timer = undefined;
    const isWritten = this.#writeSome();
    if (this.#waiting.length === 0) return;
    this.#timer = setTimeout(() => this.#write(), isWritten ? 0 : AGAIN_MS);
  }

  /** @returns whether the catalogue accepted them */
  #writeSome(): boolean {
    const { catalogue, taken, onTrouble } = this.#options;
    const events = this.#waiting.slice(0, AT_ONCE);
    try {
      catalogue.transaction(() => {
        for (const event of events) this.#enter(event);
      });
    } catch (error) {
      onTrouble(error);
      return false;
    }
    this.#waiting = this.#waiting.slice(events.length);
    taken(events.length);
    return true;
  }

  #enter(event: KeeperEvent): void {
    if (event.type === "segment") this.#enterSegment(event.segment);
    else if (event.type === "hook") this.#enterHook(event.event);
    else this.#options.look();
  }

  #enterHook(event: Extract<KeeperEvent, { type: "hook" }>["event"]): void {
    const { catalogue, run, hook } = this.#options;
    if (event.event === "stream:open") {
      const { stream, codec, atUs } = event;
      catalogue.connections.open(run, stream.key, { ...stream, codec, openedUs: atUs });
    } else if (event.event === "stream:close")
      catalogue.connections.close(run, event.stream.key, { ...event, closedUs: event.atUs });
    hook(event);
  }

  // A search of the files may have come first: it has begun the segment only if it took it for a new one.
  #enterSegment(event: SegmentComplete): void {
    const { catalogue, dataDir, sounds, hasBegun, begin } = this.#options;
    const id = catalogue.segments.put(factsOf(dataDir, event), formsOf(event));
    const segment = catalogue.segments.byId(id);
    if (segment === undefined || hasBegun(id)) return;
    sounds.hear(segment, event.levels.track);
    begin(segment);
  }
}

function factsOf(
  dataDir: string,
  { stream, path, startUs, samples, gaps, levels }: SegmentComplete,
): SegmentFacts {
  const { source, device, streamId, sampleRate, channels, bitsPerSample } = stream;
  const stem = relative(dataDir, path)
    .split(sep)
    .join("/")
    .replace(/\.wav$/, "");
  const shape = { source, device, streamId, sampleRate, channels, bitsPerSample };
  return { stem, ...shape, startUs, samples, gaps, levels: summarize(levels) };
}

function formsOf({ bytes, bin }: SegmentComplete): LocalForm[] {
  const wav: LocalForm = { form: "wav", bytes };
  return bin === undefined ? [wav] : [wav, { form: "bin", bytes: bin.bytes }];
}
