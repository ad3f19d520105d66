/** Where a stream's samples lie in time, and how its device's clock runs. */
export interface TimelineOptions {
  /** Hz, as the device names it. */
  readonly sampleRate: number;
  /** Samples this far behind the clock mean that audio is missing (default 2 000 000 µs). */
  readonly stallUs?: number;
  /** How long a resumed stream may catch up with what it had buffered (default 500 000 µs). */
  readonly settleUs?: number;
  /** Shortest time over which a device's pace is judged (default 10 000 000 µs). */
  readonly refitUs?: number;
}

// A device whose samples come this close to their nominal rate is live; a file being replayed is not.
const LIVE_PACE_TOLERANCE = 0.05;
// Network jitter must not move a segment's start; real drift passes this within hours (100 ppm: 9 min).
const REFIT_DEADBAND_US = 50_000;
// A sender that makes up this much of the time that passes is sending what a stall has held up.
const CATCHING_UP = 0.5;

/**
 * Maps sample frames of one stream to a monotonic clock. Sample frame 0 lies at the anchor, the moment the
 * first audio arrived; every other one follows from its index. Only a stall moves the anchor by more than
 * jitter, so a file that is replayed faster than real time lies on the time axis of its own samples.
 * All times are microseconds of one monotonic clock, given by the caller.
 */
export class Timeline {
  readonly #usPerSampleFrame: number;
  readonly #stallUs: number;
  readonly #settleUs: number;
  readonly #refitUs: number;
  #anchorUs = Number.NaN;
  #lastArrivalUs = 0;
  #lastIndex = 0;
  #beginIndex = 0;
  #settling: { readonly sinceUs: number; firstEnd: number | undefined } | undefined;
  #recovery: { readonly sinceUs: number; readonly behindUs: number } | undefined;
  #window = { sinceUs: 0, sinceIndex: 0, leastLagUs: Number.POSITIVE_INFINITY };
  // How far the newest audio of a live device was from the anchor's axis of late: what refit() takes away.
  #liveLagUs = 0;
  #isExcused = false;
  #firstFit: { atUs: number; anchorUs: number } | undefined;
  #anchorIsNew = true;
  #driftPpm: number | undefined;

  constructor(options: TimelineOptions) {
    this.#usPerSampleFrame = 1_000_000 / options.sampleRate;
    this.#stallUs = options.stallUs ?? 2_000_000;
    this.#settleUs = options.settleUs ?? 500_000;
    this.#refitUs = options.refitUs ?? 10_000_000;
  }

  /** Device clock against ours in parts per million, positive = fast; undefined until it was live for two windows. */
  get driftPpm(): number | undefined {
    return this.#driftPpm;
  }

  /** Sample frame `index` lies at `atUs`, as an earlier connection has fixed it; its lateness is excused. */
  resume(index: number, atUs: number): void {
    this.#anchorUs = atUs - index * this.#usPerSampleFrame;
    this.#lastIndex = index;
    this.#beginIndex = index;
    this.excuse();
  }

  /** The sender keeps its audio for us: until it has caught up, lateness is no stall, and moves nothing. */
  excuse(): void {
    this.#isExcused = true;
  }

  /** true between a stall and the moment it is known whether the sender catches up. */
  get settling(): boolean {
    return this.#settling !== undefined;
  }

  /** Time of a sample frame. */
  timeOf(index: number): number {
    return this.#anchorUs + index * this.#usPerSampleFrame;
  }

  /**
   * Audio that begins with sample frame `index` has arrived. true: it comes so late that the stream stalled
   * just before it; what follows belongs to a new segment, whose start is known after `settle`.
   */
  begin(index: number, nowUs: number): boolean {
    if (Number.isNaN(this.#anchorUs)) this.#startAt(index, nowUs);
    const stalled = this.#settling === undefined && this.#isStalled(index, nowUs);
    this.#beginIndex = index;
    if (stalled) this.#settling = { sinceUs: nowUs, firstEnd: undefined };
    return stalled;
  }

  /** The audio that `begin` announced ends before sample frame `index`. */
  end(index: number, nowUs: number): void {
    this.#lastArrivalUs = nowUs;
    this.#lastIndex = index;
    if (this.#settling !== undefined) this.#settling.firstEnd ??= index;
    const lag = nowUs - this.timeOf(index);
    if (lag < this.#window.leastLagUs) this.#window.leastLagUs = lag;
    if (!this.settling && nowUs - this.#window.sinceUs >= this.#refitUs) this.#judgeWindow();
  }

  /** Whether a settling stream has had its time to catch up. */
  settled(nowUs: number): boolean {
    return this.#settling !== undefined && nowUs - this.#settling.sinceUs >= this.#settleUs;
  }

  /**
   * Ends settling. A sender that caught up, or is about to, has lost nothing: 0. Otherwise the anchor moves, so
   * that the newest audio lies at its arrival, and the missing time is returned in microseconds.
   */
  settle(): number {
    const gaining = this.#isGaining();
    this.#settling = undefined;
    this.#startWindow(this.#lastIndex, this.#lastArrivalUs);
    const lagUs = this.#lastArrivalUs - this.timeOf(this.#lastIndex);
    const missingUs = lagUs - this.#liveLagUs;
    if (missingUs <= this.#stallUs || this.#isExcused) return 0;
    if (gaining) {
      this.#recovery = { sinceUs: this.#lastArrivalUs, behindUs: missingUs };
      return 0;
    }
    this.#anchorUs += lagUs;
    this.#liveLagUs = 0;
    this.#anchorIsNew = true;
    return missingUs;
  }

  /** Time passed without samples that will ever come: what follows lies `missingUs` later. */
  skip(missingUs: number): void {
    this.#anchorUs += missingUs;
    if (this.#firstFit !== undefined) this.#firstFit.anchorUs += missingUs;
  }

  /** At a segment boundary: follows the clock of a live device. Never moves anything for a replayed file. */
  refit(): void {
    if (this.settling || Math.abs(this.#liveLagUs) <= REFIT_DEADBAND_US) return;
    this.#anchorUs += this.#liveLagUs;
    this.#window.leastLagUs -= this.#liveLagUs;
    this.#liveLagUs = 0;
  }

  #startAt(index: number, nowUs: number): void {
    this.#anchorUs = nowUs - index * this.#usPerSampleFrame;
    this.#lastIndex = index;
    this.#beginIndex = index;
    this.#startWindow(index, nowUs);
  }

  #isStalled(index: number, nowUs: number): boolean {
    const behindUs = nowUs - this.timeOf(index) - this.#liveLagUs - this.#batchUs();
    const recovery = this.#recovery;
    // Half-way: one that comes back just short of a stall has not caught up, and may fall behind once more.
    if (behindUs <= this.#stallUs / 2) this.#isExcused = false;
    if (behindUs <= this.#stallUs) this.#recovery = undefined;
    else if (this.#isExcused) return false;
    else if (recovery === undefined) return true;
    else if (nowUs - recovery.sinceUs >= this.#settleUs) {
      this.#recovery = { sinceUs: nowUs, behindUs };
      return recovery.behindUs - behindUs < (nowUs - recovery.sinceUs) * CATCHING_UP;
    }
    return false;
  }

  // What the stall held up comes after the first piece faster than it plays, and by more than jitter explains.
  #isGaining(): boolean {
    if (this.#settling?.firstEnd === undefined) return false;
    const heldUpUs = (this.#lastIndex - this.#settling.firstEnd) * this.#usPerSampleFrame;
    const elapsedUs = this.#lastArrivalUs - this.#settling.sinceUs;
    return heldUpUs - elapsedUs > Math.max(elapsedUs * CATCHING_UP, this.#stallUs / 2);
  }

  // What came last: the first sample frame of audio that is sent in blocks of 4 s is no less than 4 s old.
  #batchUs(): number {
    return (this.#lastIndex - this.#beginIndex) * this.#usPerSampleFrame;
  }

  #startWindow(index: number, nowUs: number): void {
    this.#window = { sinceUs: nowUs, sinceIndex: index, leastLagUs: Number.POSITIVE_INFINITY };
  }

  #judgeWindow(): void {
    const { sinceUs, sinceIndex, leastLagUs } = this.#window;
    const elapsedUs = this.#lastArrivalUs - sinceUs;
    const pace = ((this.#lastIndex - sinceIndex) * this.#usPerSampleFrame) / elapsedUs;
    const staysBehind = this.#isExcused && leastLagUs - this.#liveLagUs > this.#stallUs;
    if (Math.abs(pace - 1) <= LIVE_PACE_TOLERANCE && !staysBehind) {
      this.#estimateDrift(sinceUs + elapsedUs / 2, this.#anchorUs + leastLagUs);
      this.#liveLagUs = leastLagUs;
    }
    this.#startWindow(this.#lastIndex, this.#lastArrivalUs);
  }

  // The least lag of a window is the packet that waited least: its line over time is the device's clock. A stall
  // breaks the line by an unknown length; it goes on from there as if nothing had happened.
  #estimateDrift(atUs: number, anchorUs: number): void {
    const first = this.#firstFit;
    if (first === undefined || (this.#anchorIsNew && this.#driftPpm === undefined))
      this.#firstFit = { atUs, anchorUs };
    else if (this.#anchorIsNew)
      first.anchorUs = anchorUs + ((this.#driftPpm ?? 0) * (atUs - first.atUs)) / 1_000_000;
    else this.#driftPpm = (-(anchorUs - first.anchorUs) / (atUs - first.atUs)) * 1_000_000;
    this.#anchorIsNew = false;
  }
}
