import { type Gap, LevelMeter, type TimeZone } from "@audio/segments";
import { formatMetadata } from "@audio/wav";
import type { Backlog } from "./backlog.js";
import type { SegmentComplete, StreamInfo } from "./events.js";
import { SegmentFiles } from "./segment-files.js";
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
  readonly onError: (segment: OpenSegment, error: Error) => void;
}

/** A segment that takes audio: its files, and what is known about their content. */
export class OpenSegment {
  readonly files: SegmentFiles;
  readonly startIndex: number;
  /** Sample frame at which it is cut; set when its start is known. */
  endIndex = Number.POSITIVE_INFINITY;
  /** UTC in microseconds; NaN until known. */
  startUs = Number.NaN;
  /** Monotonic time at which it is closed even if its samples never come. */
  deadlineUs = Number.POSITIVE_INFINITY;
  readonly gaps: Gap[] = [];
  readonly #options: OpenSegmentOptions;
  readonly #meter: LevelMeter;
  readonly #frameBytes: number;

  constructor(options: OpenSegmentOptions) {
    const { stream } = options;
    this.#options = options;
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
    });
  }

  /** Sample frames appended. */
  get samples(): number {
    return this.files.wav.dataBytes / this.#frameBytes;
  }

  /** Sample frames that the operating system has taken. */
  get writtenSamples(): number {
    return Math.floor(this.files.wav.writtenBytes / this.#frameBytes);
  }

  silence(sampleFrames: number): void {
    this.files.wav.skip(sampleFrames * this.#frameBytes);
    this.#meter.addSilence(sampleFrames * this.#options.stream.channels);
  }

  /** Finishes the files; the event describes them. */
  async finish(): Promise<SegmentComplete> {
    const { stream } = this.#options;
    const files = await this.files.finish(this.#metadata());
    const { startUs, samples, gaps } = this;
    return { ...files, stream, startUs, samples, gaps, levels: this.#meter.levels() };
  }

  #metadata(): Uint8Array {
    const { stream, zone, software } = this.#options;
    const metadata = {
      device: stream.device,
      streamId: stream.streamId,
      source: stream.source,
      sampleRate: stream.sampleRate,
      startUs: this.startUs,
      local: zone.local(this.startUs),
      samples: this.samples,
      gaps: this.gaps,
      software,
    };
    return formatMetadata(metadata, this.files.wav.dataBytes);
  }
}
