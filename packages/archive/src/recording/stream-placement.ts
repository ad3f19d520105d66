import { type CutRule, segmentSampleFrames, Timeline, type TimeZone } from "@audio/segments";
import type { WallClock } from "../clock.js";

export interface StreamPlacementOptions {
  readonly rule: CutRule;
  readonly zone: TimeZone;
  readonly wallClock: WallClock;
}

/** Where a segment lies. */
export interface Place {
  /** UTC in microseconds since the epoch. */
  readonly startUs: number;
  /** Sample frame of the stream at which it is cut. */
  readonly endIndex: number;
  /** Monotonic time at which it is closed even if its samples never come. */
  readonly deadlineUs: number;
}

// How late the samples of a live stream may be before their segment is closed without them: as in the timeline.
const LATE_US = 2_000_000;
// Devices' clocks are off by up to 200 ppm: in a day-long segment, 17 s.
const SLOWEST_CLOCK = 1.001;

/** Places one stream's samples in time, and its cuts between them. */
export class StreamPlacement {
  readonly timeline: Timeline;
  readonly #options: StreamPlacementOptions;
  #offsetUs: number;

  constructor(options: StreamPlacementOptions) {
    this.#options = options;
    this.timeline = new Timeline({ sampleRate: options.rule.sampleRate });
    this.#offsetUs = options.wallClock.offsetUs;
  }

  /** Sample frame `index` lies at `utcUs`, and audio that comes late for that is no gap. */
  resume(index: number, utcUs: number): void {
    this.timeline.resume(index, this.#options.wallClock.toMonotonic(utcUs));
  }

  /**
   * UTC in microseconds of a sample frame, by the wall clock as it was when the newest segment began: one that is set
   * in the middle of a segment moves neither its gaps nor its end away from its start.
   */
  utcOf(index: number): number {
    return Math.round(this.timeline.timeOf(index) + this.#offsetUs);
  }

  /**
   * The place of a segment that begins with sample frame `index`. Its start is where the samples so far put it; its
   * cut already follows the device's clock as it is known by now.
   */
  place(index: number, nowUs: number): Place {
    const { rule, zone, wallClock } = this.#options;
    this.#offsetUs = wallClock.offsetUs;
    const startUs = this.utcOf(index);
    const before = this.timeline.timeOf(index);
    this.timeline.refit();
    const refittedUs = startUs + this.timeline.timeOf(index) - before;
    const length = segmentSampleFrames(rule, refittedUs, zone.offsetUs(startUs));
    const deadlineUs = nowUs + (length / rule.sampleRate) * 1_000_000 * SLOWEST_CLOCK + LATE_US;
    return { startUs, endIndex: index + length, deadlineUs };
  }

  /** How long so many sample frames last, in microseconds. */
  usOf(sampleFrames: number): number {
    return (sampleFrames * 1_000_000) / this.#options.rule.sampleRate;
  }

  /** Samples that fit in a time. */
  samplesIn(us: number): number {
    return Math.round((us * this.#options.rule.sampleRate) / 1_000_000);
  }
}
