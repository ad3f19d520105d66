import { relative } from "node:path";
import { LevelMeter, type SecondLevel, summarize } from "@audio/levels";
import type { Gap, TimeZone } from "@audio/segments";
import { formatMetadata, type RecordingMetadata } from "@audio/wav";
import type { SegmentComplete, StreamInfo } from "../events.js";
import type { AcknowledgedSession } from "../journal/acknowledged-session.js";
import type { Journal } from "../journal/journal.js";
import type { JournaledSegment } from "../journal/journaled-segment.js";
import type { NamedNote, OpenNote, SegmentMetadata, SegmentNote } from "../journal/records.js";
import type { Backlog } from "./backlog.js";
import type { GrowingSegment } from "./growing-segment.js";
import { type FinishedFiles, SegmentFiles } from "./segment-files.js";
import type { SegmentStore } from "./segment-store.js";

export interface OpenSegmentOptions {
  readonly stream: StreamInfo;
  readonly store: SegmentStore;
  readonly backlog: Backlog;
  readonly binPreamble: Uint8Array;
  readonly zone: TimeZone;
  /** Written into the file: who recorded it. */
  readonly software: string;
  /** Index of the segment's first sample frame in its stream. */
  readonly startIndex: number;
  readonly journal: Journal | undefined;
  /** Set for an acknowledged stream. */
  readonly session: AcknowledgedSession | undefined;
  /** When the segment before is all written: what a crash leaves of a stream is its beginning. */
  readonly previous: Promise<void>;
  /** The stream is far faster than real time: it is not kept waiting for the journal's next commit. */
  readonly isFast: boolean;
  /** Called with the path of the WAV once it has its name. */
  readonly onOpen: (segment: OpenSegment, path: string) => void;
  readonly onError: (segment: OpenSegment, error: Error) => void;
}

// A journal that takes longer is one that the disk does not take: the segment is finished when it does.
const SETTLE_MS = 5000;

/** A segment that takes audio: its files, and what is known about their content. */
export class OpenSegment implements JournaledSegment {
  readonly files: SegmentFiles;
  readonly startIndex: number;
  /** Sample frame at which it is cut; set when its start is known. */
  endIndex = Number.POSITIVE_INFINITY;
  /** UTC in microseconds; NaN until known. */
  startUs = Number.NaN;
  /** Monotonic time at which it is closed even if its samples never come. */
  deadlineUs = Number.POSITIVE_INFINITY;
  readonly gaps: Gap[] = [];
  readonly session: number | undefined;
  /** Counts the segments of an acknowledged session, from 1. */
  readonly number: number;
  plan: SegmentNote | undefined;
  file: OpenNote | undefined;
  named: NamedNote | undefined;
  readonly #options: OpenSegmentOptions;
  readonly #meter: LevelMeter;
  #finishing: Promise<FinishedFiles> | undefined;
  readonly #frameBytes: number;

  constructor(options: OpenSegmentOptions) {
    const { stream, session } = options;
    this.#options = options;
    this.session = session?.id;
    this.number = session === undefined ? 0 : ++session.segments;
    this.startIndex = options.startIndex;
    this.#frameBytes = (stream.channels * stream.bitsPerSample) / 8;
    this.#meter = new LevelMeter(stream.sampleRate, stream.channels, stream.bitsPerSample);
    this.files = new SegmentFiles({
      store: options.store,
      format: stream,
      backlog: options.backlog,
      binPreamble: options.binPreamble,
      tap: (bytes, start, end) => this.#meter.add(bytes, start, end),
      onError: (error) => options.onError(this, error),
      acknowledged: session !== undefined,
      onNamed: (stem) => this.#named(stem),
      announced: () => this.#announced(),
      settled: () => this.#settled(),
    });
  }

  /** Sample frames appended. */
  get samples(): number {
    return this.files.wav.dataBytes / this.#frameBytes;
  }

  /** Sample frame of the stream behind the last one that the operating system has taken. */
  get writtenIndex(): number {
    return this.startIndex + Math.floor(this.files.wav.writtenBytes / this.#frameBytes);
  }

  /** Loudness of the last whole second that went to the disk. */
  get level(): SecondLevel | undefined {
    return this.#meter.last;
  }

  /** What can be read of it already; undefined before it has its name. */
  get growing(): GrowingSegment | undefined {
    const { path } = this.files;
    if (path === undefined) return undefined;
    const { startUs, gaps, writtenIndex, startIndex } = this;
    const levels = () => summarize(this.#meter.levels());
    return { path, startUs, samples: writtenIndex - startIndex, gaps, levels };
  }

  /** Where bytes[at, end) must be parted, if the first of them belongs to sample frame `index` of the stream. */
  stopAt(index: number, at: number, end: number): number {
    return Math.min(end, at + (this.endIndex - index) * this.#frameBytes);
  }

  silence(sampleFrames: number): void {
    this.files.wav.skip(sampleFrames * this.#frameBytes);
    this.#meter.addSilence(sampleFrames * this.#options.stream.channels);
  }

  /**
   * What the segment is to be called, below the data directory, and when it begins, as far as that is known: UTC in
   * microseconds. The journal knows it before the disk does.
   */
  planAs(name: string, startUs: number): void {
    const { journal, session, binPreamble, startIndex } = this.#options;
    if (journal === undefined || session === undefined) return;
    const { id } = session;
    const preamble = binPreamble.length > 0 ? Buffer.from(binPreamble).toString("base64") : undefined;
    const plan = { kind: "segment", session: id, segment: this.number, name, startIndex } as const;
    journal.tell(this, { ...plan, metadata: this.#metadataFrom(startUs), binPreamble: preamble });
  }

  get tried(): string | undefined {
    return this.files.tried;
  }

  makeDurable(): Promise<boolean> {
    if (this.#finishing === undefined) return this.files.sync();
    return this.#finishing.then(
      () => true,
      () => false,
    );
  }

  /** Finishes the files; the event describes them. */
  async finish(): Promise<SegmentComplete> {
    const { stream, journal } = this.#options;
    this.#finishing = this.files.finish(formatMetadata(this.#metadata(), this.files.wav.dataBytes));
    const files = await this.#finishing;
    journal?.finished(this);
    const { startUs, samples, gaps } = this;
    return { ...files, stream, startUs, samples, gaps, levels: this.#meter.levels() };
  }

  #named(stem: string): void {
    const { journal, store, onOpen, session } = this.#options;
    const metadata = this.#metadataFrom(this.startUs);
    const inSession = session === undefined ? {} : { session: session.id, segment: this.number };
    const path = relative(store.dataDir, stem);
    journal?.tell(this, { kind: "open", stem: path, metadata, frameBytes: this.#frameBytes, ...inSession });
    onOpen(this, `${stem}.wav`);
  }

  // A crash must not leave audio in a file of which the journal does not know: its sender would send it again.
  async #announced(): Promise<void> {
    const { session, journal, isFast, previous } = this.#options;
    await previous;
    if (session !== undefined) await within(SETTLE_MS, journal?.settled(isFast));
  }

  async #settled(): Promise<void> {
    const { session, journal, isFast } = this.#options;
    if (session === undefined) return;
    await within(SETTLE_MS, Promise.all([session.settled(), journal?.settled(isFast)]));
  }

  #metadata(): RecordingMetadata {
    return { ...this.#metadataFrom(this.startUs), samples: this.samples, gaps: this.gaps };
  }

  #metadataFrom(startUs: number): SegmentMetadata {
    const { stream, zone, software } = this.#options;
    return {
      device: stream.device,
      streamId: stream.streamId,
      source: stream.source,
      sampleRate: stream.sampleRate,
      startUs,
      local: zone.local(startUs),
      software,
    };
  }
}

async function within(ms: number, settled: Promise<unknown> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`the disk has not taken the journal for ${ms / 1000} s`);
    timer = setTimeout(() => reject(error), ms);
  });
  await Promise.race([settled, late]).finally(() => clearTimeout(timer));
}
