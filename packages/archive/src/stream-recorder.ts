import {
  type CutRule,
  type Gap,
  type GapCause,
  type PathTemplate,
  segmentSampleFrames,
  Timeline,
  type TimeZone,
} from "@audio/segments";
import { Backlog } from "./backlog.js";
import type { WallClock } from "./clock.js";
import type { DiskWatch } from "./disk-watch.js";
import type { RecorderListener, StreamInfo } from "./events.js";
import { OpenSegment } from "./open-segment.js";
import type { SegmentStore } from "./segment-store.js";

export interface StreamRecorderOptions {
  readonly stream: StreamInfo;
  readonly store: SegmentStore;
  readonly disk: DiskWatch;
  readonly wallClock: WallClock;
  readonly zone: TimeZone;
  readonly template: PathTemplate;
  readonly segmentSeconds: number;
  readonly align: CutRule["align"];
  /** Whether frames are kept in a `.bin` beside the WAV. */
  readonly keepFrames: boolean;
  /** In front of the frames of every `.bin`; empty for none. */
  readonly binPreamble: Uint8Array;
  readonly software: string;
  /** Bytes that may wait for the disk before the sender must wait (default 512 KiB). */
  readonly backlogBytes?: number;
  readonly listener: RecorderListener;
  /** A congested stream may go on. */
  readonly onRelief: () => void;
  /** Called once a second before what has gathered is written: the last chance to hand over what was held back. */
  readonly onFlush?: (nowUs: number) => void;
}

const DEFAULT_BACKLOG_BYTES = 512 * 1024;
// Segments of one stream that may be under completion at once; more would be files faster than the disk can make.
const MAX_UNFINISHED = 32;
// How late the samples of a live stream may be before their segment is closed without them: as in the timeline.
const LATE_US = 2_000_000;

/**
 * Records one stream: cuts it into segments by its samples, places them in time, and keeps account of what is
 * missing. The owner calls `begin`, any number of `frame`/`write`/`silence`, then `end`, for every batch of audio
 * that arrives; `flush` once a second; `close` at last.
 */
export class StreamRecorder {
  readonly #options: StreamRecorderOptions;
  readonly #timeline: Timeline;
  readonly #backlog: Backlog;
  readonly #frameBytes: number;
  readonly #unfinished = new Set<OpenSegment>();
  #segment: OpenSegment | undefined;
  #completions: Promise<void> = Promise.resolve();
  #index = 0;
  #nowUs = 0;
  #dropped: { fromIndex: number; cause: GapCause } | undefined;

  constructor(options: StreamRecorderOptions) {
    const { stream, store } = options;
    this.#options = options;
    this.#frameBytes = (stream.channels * stream.bitsPerSample) / 8;
    this.#timeline = new Timeline({ sampleRate: stream.sampleRate });
    const limit = options.backlogBytes ?? DEFAULT_BACKLOG_BYTES;
    this.#backlog = new Backlog(limit, store.backlog, () => this.#relieve());
  }

  /** Whether the sender must wait; `onRelief` follows. */
  get congested(): boolean {
    return this.#backlog.congested || this.#unfinished.size > MAX_UNFINISHED;
  }

  /** Device clock against ours in parts per million, positive = fast; undefined until known. */
  get driftPpm(): number | undefined {
    return this.#timeline.driftPpm;
  }

  /** Sample frames received so far, filled and dropped ones included. */
  get samples(): number {
    return this.#index;
  }

  /** UTC in microseconds at which the audio so far ends; undefined before the first. */
  get endUs(): number | undefined {
    return this.#index === 0 ? undefined : this.#options.wallClock.toUtc(this.#timeline.timeOf(this.#index));
  }

  /** Audio has arrived at `nowUs` (monotonic). */
  begin(nowUs: number): void {
    this.#nowUs = nowUs;
    if (this.#timeline.begin(this.#index, nowUs)) this.cut();
  }

  /** The audio that arrived at `nowUs` is handed over. */
  end(nowUs: number): void {
    this.#timeline.end(this.#index, nowUs);
    if (this.#timeline.settling && (this.#timeline.settled(nowUs) || this.#backlog.congested)) this.#settle();
  }

  /** A frame as it was received, for the `.bin`; its samples follow through `write`. */
  frame(bytes: Uint8Array, start: number, end: number): void {
    if (this.#options.keepFrames) this.#current()?.files.frame(bytes, start, end);
  }

  /** Little-endian PCM, whole sample frames, copied from bytes[start, end). */
  write(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; ) {
      const segment = this.#current();
      const stop = this.#stopAt(segment, at, end);
      segment?.files.wav.append(bytes, at, stop);
      this.#advance(segment, (stop - at) / this.#frameBytes);
      at = stop;
    }
  }

  /** The same without a copy: nobody may change these bytes any more. */
  writeOwned(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const segment = this.#current();
      const stop = this.#stopAt(segment, at, bytes.length);
      segment?.files.wav.appendOwned(bytes.subarray(at, stop));
      this.#advance(segment, (stop - at) / this.#frameBytes);
      at = stop;
    }
  }

  /** Missing audio whose length is known: silence takes its place in the file. */
  silence(sampleFrames: number, cause: GapCause): void {
    this.#announce({ startUs: this.#utcOf(this.#index), samples: sampleFrames, cause, filled: true });
    for (let left = sampleFrames; left > 0; ) {
      const segment = this.#current();
      const step = segment === undefined ? left : Math.min(left, segment.endIndex - this.#index);
      segment?.silence(step);
      segment?.gaps.push({ startUs: this.#utcOf(this.#index), samples: step, cause, filled: true });
      this.#advance(segment, step);
      left -= step;
    }
  }

  /** Missing audio whose length is known and that is left out of the file; what follows lies later in time. */
  omit(sampleFrames: number, cause: GapCause): void {
    const gap = { startUs: this.#utcOf(this.#index), samples: sampleFrames, cause, filled: false };
    this.#announce(gap);
    this.#current()?.gaps.push(gap);
    this.#timeline.skip((sampleFrames * 1_000_000) / this.#options.stream.sampleRate);
  }

  /** What follows begins a new segment. */
  cut(): void {
    const segment = this.#segment;
    if (segment === undefined) return;
    if (this.#timeline.settling && Number.isNaN(segment.startUs)) this.#settle();
    this.#segment = undefined;
    this.#finish(segment);
  }

  /** Brings what has gathered to the disk, and closes a segment whose audio does not come. */
  flush(nowUs: number): void {
    this.#options.onFlush?.(nowUs);
    this.#nowUs = nowUs;
    if (this.#timeline.settling && this.#timeline.settled(nowUs)) this.#settle();
    if (this.#segment === undefined) return;
    if (nowUs > this.#segment.deadlineUs || this.#options.disk.trouble !== undefined) this.cut();
    else this.#segment.files.flush();
  }

  /** Finishes the last segment; resolves when all are complete. */
  async close(): Promise<void> {
    this.cut();
    this.#endDrop();
    await this.#completions;
  }

  #current(): OpenSegment | undefined {
    if (this.#segment !== undefined) return this.#segment;
    if (this.#options.disk.trouble !== undefined) {
      this.#dropped ??= { fromIndex: this.#index, cause: "disk-full" };
      return undefined;
    }
    this.#endDrop();
    this.#segment = this.#start();
    return this.#segment;
  }

  #stopAt(segment: OpenSegment | undefined, at: number, end: number): number {
    if (segment === undefined) return end;
    return Math.min(end, at + (segment.endIndex - this.#index) * this.#frameBytes);
  }

  #advance(segment: OpenSegment | undefined, sampleFrames: number): void {
    this.#index += sampleFrames;
    if (segment !== undefined && this.#index >= segment.endIndex) this.cut();
  }

  #start(): OpenSegment {
    const { stream, store, binPreamble, zone, software } = this.#options;
    const segment = new OpenSegment({
      stream,
      store,
      backlog: this.#backlog,
      binPreamble,
      zone,
      software,
      startIndex: this.#index,
      onError: (failed, error) => this.#failed(failed, error),
    });
    this.#place(segment);
    if (!this.#timeline.settling) this.#open(segment);
    return segment;
  }

  // Until a settling stream's start is known, its nominal length holds.
  #place(segment: OpenSegment): void {
    const { stream, segmentSeconds, align, zone } = this.#options;
    const { sampleRate } = stream;
    const rule: CutRule = { sampleRate, bytesPerSampleFrame: this.#frameBytes, segmentSeconds, align };
    const startUs = this.#utcOf(segment.startIndex);
    const offset = this.#timeline.timeOf(segment.startIndex) - startUs;
    this.#timeline.refit();
    const refittedUs = this.#timeline.timeOf(segment.startIndex) - offset;
    const length = segmentSampleFrames(rule, refittedUs, zone.offsetUs(startUs));
    segment.endIndex = Math.max(segment.startIndex + length, this.#index + 1);
    segment.deadlineUs = this.#nowUs + (length / sampleRate) * 1_000_000 + LATE_US;
    if (!this.#timeline.settling) segment.startUs = startUs;
  }

  #open(segment: OpenSegment): void {
    const { stream, template, zone, listener } = this.#options;
    const { startUs } = segment;
    const device = stream.device ?? "";
    const name = template({
      device,
      streamId: stream.streamId,
      source: stream.source,
      start: zone.local(startUs),
    });
    segment.files.open(name, (path) => listener.segmentOpen({ stream, path, startUs }));
  }

  #settle(): void {
    const missingUs = this.#timeline.settle();
    const segment = this.#segment;
    const startIndex = segment?.startIndex ?? this.#index;
    if (missingUs > 0) {
      const samples = Math.round((missingUs * this.#options.stream.sampleRate) / 1_000_000);
      const startUs = this.#utcOf(startIndex) - Math.round(missingUs);
      const gap: Gap = { startUs, samples, cause: "disconnected", filled: false };
      this.#announce(gap);
      segment?.gaps.push(gap);
    }
    if (segment === undefined) return;
    this.#place(segment);
    this.#open(segment);
  }

  #finish(segment: OpenSegment): void {
    const { listener, stream } = this.#options;
    this.#unfinished.add(segment);
    const finished = segment.finish().finally(() => {
      this.#unfinished.delete(segment);
      this.#relieve();
    });
    this.#completions = this.#completions.then(async () => {
      try {
        listener.segmentComplete(await finished);
      } catch (error) {
        listener.segmentFailed({ stream, path: segment.files.path, error: error as Error });
      }
    });
  }

  // What the operating system had not taken is lost, and what follows is dropped until the disk is well again.
  #failed(segment: OpenSegment, error: Error): void {
    this.#options.disk.report(error);
    const lostFrom = segment.startIndex + segment.writtenSamples;
    const until = segment.startIndex + segment.samples;
    if (segment === this.#segment) {
      this.#segment = undefined;
      this.#dropped ??= { fromIndex: lostFrom, cause: "disk-full" };
      this.#finish(segment);
    } else if (until > lostFrom) this.#announceDrop(lostFrom, until);
  }

  #endDrop(): void {
    const dropped = this.#dropped;
    if (dropped === undefined) return;
    this.#dropped = undefined;
    if (this.#index > dropped.fromIndex) this.#announceDrop(dropped.fromIndex, this.#index);
  }

  #announceDrop(from: number, until: number): void {
    this.#announce({ startUs: this.#utcOf(from), samples: until - from, cause: "disk-full", filled: false });
  }

  #announce(gap: Gap): void {
    this.#options.listener.gap({ ...gap, stream: this.#options.stream });
  }

  #utcOf(index: number): number {
    return this.#options.wallClock.toUtc(this.#timeline.timeOf(index));
  }

  #relieve(): void {
    if (!this.congested) this.#options.onRelief();
  }
}
