import type { CutRule, GapCause, Timeline } from "@audio/segments";
import type { AcknowledgedSession } from "../journal/acknowledged-session.js";
import { Backlog } from "./backlog.js";
import { FailedSegments } from "./failed-segments.js";
import { FinishingSegments } from "./finishing-segments.js";
import { GapAccount } from "./gap-account.js";
import type { GrowingSegment } from "./growing-segment.js";
import type { OpenSegment } from "./open-segment.js";
import { OverloadWatch } from "./overload-watch.js";
import { SegmentStarter } from "./segment-starter.js";
import { StreamPlacement } from "./stream-placement.js";
import type { StreamRecorderOptions } from "./stream-recorder-options.js";

const DEFAULT_BACKLOG_BYTES = 512 * 1024;
// Segments of one stream that may be under completion at once; more would be files faster than the disk can make.
const MAX_UNFINISHED = 32;

/**
 * Records one stream: cuts it into segments by its samples, places them in time, and keeps account of what is
 * missing. The owner calls `begin`, any number of `frame`/`write`/`silence`, then `end`, for every batch of audio
 * that arrives; `flush` once a second; `close` at last.
 */
export class StreamRecorder {
  readonly #options: StreamRecorderOptions;
  readonly #placement: StreamPlacement;
  readonly #gaps: GapAccount;
  readonly #timeline: Timeline;
  readonly #backlog: Backlog;
  readonly #frameBytes: number;
  readonly #starter: SegmentStarter;
  readonly #failures: FailedSegments;
  readonly #finishing: FinishingSegments;
  readonly #overload = new OverloadWatch();
  #segment: OpenSegment | undefined;
  #index = 0;
  #resumedAt = 0;
  #reservedSamples: Int16Array = new Int16Array(0);
  #nowUs = 0;

  constructor(options: StreamRecorderOptions) {
    const { stream, store, segmentSeconds, align, zone, wallClock } = options;
    this.#options = options;
    this.#frameBytes = (stream.channels * stream.bitsPerSample) / 8;
    const { sampleRate } = stream;
    const rule: CutRule = { sampleRate, bytesPerSampleFrame: this.#frameBytes, segmentSeconds, align };
    this.#placement = new StreamPlacement({ rule, zone, wallClock });
    this.#timeline = this.#placement.timeline;
    this.#gaps = new GapAccount(stream, this.#placement, options.listener);
    const limit = options.backlogBytes ?? DEFAULT_BACKLOG_BYTES;
    this.#backlog = new Backlog(limit, store.backlog, () => this.#relieve());
    this.#starter = new SegmentStarter(options, this.#placement, this.#backlog, (segment, error) =>
      this.#failed(segment, error),
    );
    this.#failures = new FailedSegments(this.#gaps);
    this.#finishing = new FinishingSegments({
      stream,
      listener: options.listener,
      onFailed: (segment) => {
        if (!this.#isKept) this.#failures.finished(segment);
        options.onFailed?.(segment);
      },
      onFinished: () => this.#relieve(),
    });
    if (options.session !== undefined) this.#resume(options.session);
  }

  /** Whether the sender must wait; `onRelief` follows. */
  get congested(): boolean {
    const { congested } = this.#backlog;
    const paused = this.#isKept && this.#options.disk.trouble !== undefined;
    const held = congested || this.#finishing.size > MAX_UNFINISHED || paused;
    if (held) this.#overload.hold(this.#nowUs);
    return held;
  }

  /** The session of an acknowledged stream. */
  get session(): AcknowledgedSession | undefined {
    return this.#options.session;
  }

  /** Device clock against ours in parts per million, positive = fast; undefined until known. */
  get driftPpm(): number | undefined {
    return this.#timeline.driftPpm;
  }

  /** Loudness of the last whole second that went to the disk; undefined while a segment has none yet. */
  get level(): OpenSegment["level"] {
    return this.#segment?.level;
  }

  /** Its segments that are not complete, oldest first. */
  get growing(): readonly GrowingSegment[] {
    return this.#finishing.growing(this.#segment);
  }

  /** Sample frames received so far, filled and dropped ones included. */
  get samples(): number {
    return this.#index;
  }

  /** Monotonic time in microseconds at which the audio so far ends; undefined before the first. */
  get endUs(): number | undefined {
    return this.#index === 0 ? undefined : this.#timeline.timeOf(this.#index);
  }

  /** Audio has arrived at `nowUs` (monotonic). */
  begin(nowUs: number): void {
    this.#nowUs = nowUs;
    if (!this.#timeline.begin(this.#index, nowUs)) return;
    this.#gaps.endDrop(this.#index); // what comes now lies elsewhere in time
    this.#resumedAt = this.#index;
    this.cut();
  }

  /** The audio that arrived at `nowUs` is handed over. */
  end(nowUs: number): void {
    this.#timeline.end(this.#index, nowUs);
    if (this.#timeline.settling && (this.#timeline.settled(nowUs) || this.#backlog.congested)) this.#settle();
  }

  /** A frame as it was received, for the `.bin` and the journal; its samples follow through `write`. */
  frame(bytes: Uint8Array, start: number, end: number, order: "low" | "high" = "low"): void {
    const { keepFrames, session } = this.#options;
    const segment = keepFrames || session !== undefined ? this.#current() : undefined;
    if (segment === undefined) return;
    if (session !== undefined) this.#journal(session, segment, order);
    session?.append(bytes, start, end);
    if (keepFrames) segment.files.frame(bytes, start, end);
  }

  /** Little-endian PCM, whole sample frames, copied from bytes[start, end). */
  write(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; ) {
      const segment = this.#current();
      const stop = segment?.stopAt(this.#index, at, end) ?? end;
      segment?.files.wav.append(bytes, at, stop);
      this.#advance(segment, (stop - at) / this.#frameBytes);
      at = stop;
    }
  }

  /**
   * Where the caller may itself put `sampleFrames` more of 16-bit audio, in `reservedSamples`, before `commit`; −1
   * near a cut or the end of a block (then `write`).
   */
  reserve(sampleFrames: number): number {
    const segment = this.#current();
    if (segment === undefined || segment.endIndex - this.#index < sampleFrames) return -1;
    const at = segment.files.wav.reserve(sampleFrames * this.#frameBytes);
    if (at >= 0) this.#reservedSamples = segment.files.wav.reserved.samples;
    return at < 0 ? at : at / 2;
  }

  /** Samples of the block that `reserve` gave an index of. */
  get reservedSamples(): Int16Array {
    return this.#reservedSamples;
  }

  /** Takes the sample frames that were put at the reserved place. */
  commit(sampleFrames: number): void {
    const segment = this.#segment as OpenSegment;
    segment.files.wav.commit(sampleFrames * this.#frameBytes);
    this.#advance(segment, sampleFrames);
  }

  /** Missing audio whose length is known: silence takes its place in the file. */
  silence(sampleFrames: number, why: GapCause): void {
    const cause = this.#causeOf(why, this.#placement.usOf(sampleFrames));
    this.#gaps.missing(this.#index, sampleFrames, cause, true);
    for (let left = sampleFrames; left > 0; ) {
      const segment = this.#current();
      const step = segment === undefined ? left : Math.min(left, segment.endIndex - this.#index);
      segment?.silence(step);
      segment?.gaps.push({ startUs: this.#placement.utcOf(this.#index), samples: step, cause, filled: true });
      this.#advance(segment, step);
      left -= step;
    }
  }

  /** Missing audio whose length is known and that is left out of the file; what follows lies later in time. */
  omit(sampleFrames: number, why: GapCause): void {
    const missingUs = this.#placement.usOf(sampleFrames);
    const gap = this.#gaps.missing(this.#index, sampleFrames, this.#causeOf(why, missingUs), false);
    const before = this.#segment;
    if (before !== undefined) before.deadlineUs += missingUs;
    this.#timeline.skip(missingUs);
    this.#options.session?.interrupt();
    // Just at a cut the gap belongs to the segment that follows, which begins behind it.
    (before ?? this.#current())?.gaps.push(gap);
  }

  /** The sender of an acknowledged stream is back, with what it has kept meanwhile: that it comes late is no gap. */
  senderReturned(): void {
    this.#timeline.excuse();
  }

  /** What follows begins a new segment. */
  cut(): void {
    const segment = this.#segment;
    if (segment === undefined) return;
    if (this.#timeline.settling && Number.isNaN(segment.startUs)) this.#settle();
    this.#segment = undefined;
    this.#finishing.add(segment);
  }

  /** Brings what has gathered to the disk, and closes a segment whose audio does not come. */
  flush(nowUs: number): void {
    const { session, onFlush } = this.#options;
    onFlush?.(nowUs);
    this.#nowUs = nowUs;
    // A sender whose room is full of what the disk has not taken yet waits as well, without being told to.
    if (session !== undefined && (session.isHeldUp() || this.congested)) this.#timeline.excuse();
    if (session !== undefined) this.#relieve();
    if (this.#timeline.settling && this.#timeline.settled(nowUs)) this.#settle();
    if (this.#segment === undefined) return;
    if (nowUs > this.#segment.deadlineUs || this.#options.disk.trouble !== undefined) this.cut();
    else this.#segment.files.flush();
  }

  /** Finishes the last segment; resolves when all are complete. */
  async close(): Promise<void> {
    this.cut();
    this.#gaps.endDrop(this.#index);
    await this.#finishing.idle;
  }

  // Acknowledged audio is in the journal, and its sender keeps what we do not take: it need never be thrown away.
  get #isKept(): boolean {
    return this.#options.session !== undefined;
  }

  #resume(session: AcknowledgedSession): void {
    session.backlog = (bytes) => (bytes < 0 ? this.#backlog.remove(-bytes) : this.#backlog.add(bytes));
    const { index, utcUs } = session.recorded;
    if (utcUs === undefined) return;
    this.#index = index;
    this.#placement.resume(index, utcUs);
  }

  // The frame that follows: where in the session, in its segment and in time.
  #journal(
    session: AcknowledgedSession,
    { number: segment, files }: OpenSegment,
    order: "low" | "high",
  ): void {
    const index = this.#index;
    if (session.continues(segment, index)) return;
    const binAt = this.#options.keepFrames ? files.binBytes : -1;
    session.begin({ segment, index, utcUs: this.#placement.utcOf(index), binAt, order });
  }

  #current(): OpenSegment | undefined {
    if (this.#segment !== undefined) return this.#segment;
    if (this.#options.disk.trouble !== undefined && !this.#isKept) {
      this.#gaps.beginDrop(this.#index);
      return undefined;
    }
    this.#gaps.endDrop(this.#index);
    this.#segment = this.#starter.start(this.#index, this.#nowUs);
    return this.#segment;
  }

  #advance(segment: OpenSegment | undefined, sampleFrames: number): void {
    this.#index += sampleFrames;
    if (segment !== undefined && this.#index >= segment.endIndex) this.cut();
  }

  // What the sender lost because we kept it waiting is our disk's doing.
  #causeOf(cause: GapCause, missingUs: number, startUs = this.#timeline.timeOf(this.#index)): GapCause {
    return this.#overload.explains(startUs, startUs + missingUs) ? "overload" : cause;
  }

  #settle(): void {
    const missingUs = this.#timeline.settle();
    const segment = this.#segment;
    const startIndex = segment?.startIndex ?? this.#resumedAt;
    if (missingUs > 0) {
      const samples = this.#placement.samplesIn(missingUs);
      const startUs = this.#placement.utcOf(startIndex) - Math.round(missingUs);
      const cause = this.#causeOf("disconnected", missingUs, this.#timeline.timeOf(startIndex) - missingUs);
      const gap = this.#gaps.announce({ startUs, samples, cause, filled: false });
      segment?.gaps.push(gap);
    }
    if (segment !== undefined) this.#starter.open(segment, this.#index, this.#nowUs);
  }

  #failed(segment: OpenSegment, error: Error): void {
    this.#options.disk.report(error);
    if (segment !== this.#segment) return;
    this.#segment = undefined;
    if (!this.#isKept) this.#failures.beginDrop(segment);
    this.#finishing.add(segment);
  }

  #relieve(): void {
    if (this.congested) return;
    this.#overload.release(this.#nowUs);
    this.#options.onRelief();
  }
}
