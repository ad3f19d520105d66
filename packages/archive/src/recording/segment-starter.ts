import type { Backlog } from "./backlog.js";
import { OpenSegment } from "./open-segment.js";
import type { StreamPlacement } from "./stream-placement.js";
import type { StreamRecorderOptions } from "./stream-recorder-options.js";

// A file that is replayed fills a segment in less.
const FAST_SEGMENT_US = 1_000_000;

/** Begins one stream's segments: where they lie, what they are called. */
export class SegmentStarter {
  readonly #options: StreamRecorderOptions;
  readonly #placement: StreamPlacement;
  readonly #backlog: Backlog;
  readonly #onError: (segment: OpenSegment, error: Error) => void;
  #startedUs = Number.NEGATIVE_INFINITY;
  #previous: Promise<void> = Promise.resolve();

  constructor(
    options: StreamRecorderOptions,
    placement: StreamPlacement,
    backlog: Backlog,
    onError: (segment: OpenSegment, error: Error) => void,
  ) {
    this.#options = options;
    this.#placement = placement;
    this.#backlog = backlog;
    this.#onError = onError;
  }

  /** Begins a segment with sample frame `index`; while the stream settles it has no start and no file yet. */
  start(index: number, nowUs: number): OpenSegment {
    const { stream, store, binPreamble, zone, software, journal, session, listener } = this.#options;
    const segment = new OpenSegment({
      stream,
      store,
      backlog: this.#backlog,
      binPreamble,
      zone,
      software,
      startIndex: index,
      journal,
      session,
      previous: this.#previous,
      isFast: nowUs - this.#startedUs < FAST_SEGMENT_US,
      onOpen: ({ startUs }, path) => listener.segmentOpen({ stream, path, startUs }),
      onError: this.#onError,
    });
    this.#startedUs = nowUs;
    this.#previous = segment.files.drained;
    if (this.#placement.timeline.settling) this.#placeForNow(segment, index, nowUs);
    else this.open(segment, index, nowUs);
    return segment;
  }

  /** Gives the segment its start, by what is known now, and its file; `index` is the next sample frame. */
  open(segment: OpenSegment, index: number, nowUs: number): void {
    segment.startUs = this.#place(segment, index, nowUs);
    const name = this.#nameFor(segment.startUs);
    segment.planAs(name, segment.startUs);
    segment.files.open(name);
  }

  // Until a settling stream's start is known, its nominal length holds.
  #placeForNow(segment: OpenSegment, index: number, nowUs: number): void {
    this.#place(segment, index, nowUs);
    const startUs = this.#placement.utcOf(index);
    segment.planAs(this.#nameFor(startUs), startUs);
  }

  #place(segment: OpenSegment, index: number, nowUs: number): number {
    const { startUs, endIndex, deadlineUs } = this.#placement.place(segment.startIndex, nowUs);
    segment.endIndex = Math.max(endIndex, index + 1);
    segment.deadlineUs = deadlineUs;
    return startUs;
  }

  #nameFor(startUs: number): string {
    const { stream, template, zone } = this.#options;
    const { device = "", streamId, source } = stream;
    return template({ device, streamId, source, start: zone.local(startUs) });
  }
}
