import type { EventEmitter } from "node:events";
import { relative } from "node:path";
import { NAMELESS, type ServerEvents } from "@audio/api";
import type { GapEvent, SegmentComplete } from "@audio/archive";
import type { ReceiverEvents } from "../../events.js";

/** One thing that happened to a device. */
export type Happening =
  | { readonly event: "segment"; readonly data: ServerEvents["segment"] }
  | { readonly event: "gap"; readonly data: ServerEvents["gap"] };

// In a second: a thousand streams make a hundred segments.
const MOST = 1000;

/** Gathers what happens to recordings between two messages; gaps of a device with one cause are one. */
export class Happenings {
  readonly #events: EventEmitter<ReceiverEvents>;
  readonly #dataDir: string;
  readonly #gathered = new Map<string, Happening>();
  readonly #onSegment = (segment: SegmentComplete) => this.#addSegment(segment);
  readonly #onGap = (gap: GapEvent) => this.#addGap(gap);
  #tooMany = false;

  constructor(events: EventEmitter<ReceiverEvents>, dataDir: string) {
    this.#events = events;
    this.#dataDir = dataDir;
    events.on("segment:complete", this.#onSegment);
    events.on("gap", this.#onGap);
  }

  /** What has happened since the last call; `tooMany`: there was more than is told. */
  take(): { readonly all: readonly Happening[]; readonly tooMany: boolean } {
    const taken = { all: [...this.#gathered.values()], tooMany: this.#tooMany };
    this.#gathered.clear();
    this.#tooMany = false;
    return taken;
  }

  /** Gathers no more. */
  close(): void {
    this.#events.off("segment:complete", this.#onSegment);
    this.#events.off("gap", this.#onGap);
  }

  #addSegment({ stream, path, startUs, samples }: SegmentComplete): void {
    const stem = relative(this.#dataDir, path).replace(/\.[^./]+$/, "");
    const { device = NAMELESS, sampleRate } = stream;
    const endUs = startUs + Math.round((samples * 1_000_000) / sampleRate);
    this.#add(stem, { event: "segment", data: { device, stem, startUs, endUs } });
  }

  #addGap({ stream, startUs, samples, cause }: GapEvent): void {
    const { device = NAMELESS, sampleRate } = stream;
    const key = `gap ${cause} ${device}`;
    const endUs = startUs + Math.round((samples * 1_000_000) / sampleRate);
    const known = this.#gathered.get(key)?.data;
    const sinceUs = Math.min(startUs, known?.startUs ?? startUs);
    const untilUs = Math.max(endUs, known?.endUs ?? endUs);
    this.#add(key, { event: "gap", data: { device, startUs: sinceUs, endUs: untilUs, cause } });
  }

  #add(key: string, happening: Happening): void {
    if (this.#gathered.size < MOST || this.#gathered.has(key)) this.#gathered.set(key, happening);
    else this.#tooMany = true;
  }
}
