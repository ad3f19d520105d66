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
  #settlingSinceUs = Number.NaN;
  #window = { sinceUs: 0, sinceIndex: 0, leastLagUs: Number.POSITIVE_INFINITY };
  #firstFit: { atUs: number; anchorUs: number } | undefined;
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

  /** true between a stall and the moment it is known whether the sender catches up. */
  get settling(): boolean {
    return !Number.isNaN(this.#settlingSinceUs);
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
    if (this.settling || nowUs - this.timeOf(index) <= this.#stallUs) return false;
    this.#settlingSinceUs = nowUs;
    return true;
  }

  /** The audio that `begin` announced ends before sample frame `index`. */
  end(index: number, nowUs: number): void {
    this.#lastArrivalUs = nowUs;
    this.#lastIndex = index;
    const lag = nowUs - this.timeOf(index);
    if (lag < this.#window.leastLagUs) this.#window.leastLagUs = lag;
  }

  /** Whether a settling stream has had its time to catch up. */
  settled(nowUs: number): boolean {
    return nowUs - this.#settlingSinceUs >= this.#settleUs;
  }

  /**
   * Ends settling. A sender that caught up has lost nothing: 0. Otherwise the anchor moves, so that the newest
   * audio lies at its arrival, and the missing time is returned in microseconds.
   */
  settle(): number {
    this.#settlingSinceUs = Number.NaN;
    const lag = this.#lastArrivalUs - this.timeOf(this.#lastIndex);
    const missing = lag > this.#stallUs ? lag : 0;
    this.#shiftAnchor(missing);
    this.#startWindow(this.#lastIndex, this.#lastArrivalUs);
    return missing;
  }

  /** Time passed without samples that will ever come: what follows lies `missingUs` later. */
  skip(missingUs: number): void {
    this.#shiftAnchor(missingUs);
  }

  /** At a segment boundary: follows the clock of a live device. Never moves anything for a replayed file. */
  refit(): void {
    const { sinceUs, sinceIndex, leastLagUs } = this.#window;
    const elapsedUs = this.#lastArrivalUs - sinceUs;
    if (this.settling || elapsedUs < this.#refitUs) return;
    const pace = ((this.#lastIndex - sinceIndex) * this.#usPerSampleFrame) / elapsedUs;
    if (Math.abs(pace - 1) <= LIVE_PACE_TOLERANCE) {
      this.#estimateDrift(sinceUs + elapsedUs / 2, leastLagUs);
      if (Math.abs(leastLagUs) > REFIT_DEADBAND_US) this.#anchorUs += leastLagUs;
    }
    this.#startWindow(this.#lastIndex, this.#lastArrivalUs);
  }

  #startAt(index: number, nowUs: number): void {
    this.#anchorUs = nowUs - index * this.#usPerSampleFrame;
    this.#startWindow(index, nowUs);
  }

  #startWindow(index: number, nowUs: number): void {
    this.#window = { sinceUs: nowUs, sinceIndex: index, leastLagUs: Number.POSITIVE_INFINITY };
  }

  #shiftAnchor(byUs: number): void {
    this.#anchorUs += byUs;
    if (this.#firstFit !== undefined) this.#firstFit.anchorUs += byUs;
  }

  // The least lag of a window is the packet that waited least: its line over time is the device's clock.
  #estimateDrift(atUs: number, leastLagUs: number): void {
    const anchorUs = this.#anchorUs + leastLagUs;
    if (this.#firstFit === undefined) this.#firstFit = { atUs, anchorUs };
    else this.#driftPpm = (-(anchorUs - this.#firstFit.anchorUs) / (atUs - this.#firstFit.atUs)) * 1_000_000;
  }
}
