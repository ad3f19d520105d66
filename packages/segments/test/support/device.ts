import { Timeline } from "../../src/index.js";

/** A device that sends live, as a receiver sees it. Times are microseconds of one clock that never errs. */
export interface Device {
  readonly sampleRate: number;
  /** How fast its clock runs against the true one. */
  readonly ppm: number;
  /** Audio sent at a time. */
  readonly blockSeconds: number;
  /** How long after its last sample the nth block arrives. */
  readonly delayUs: (block: number) => number;
}

/** A segment's first sample frame: where the timeline put it, and when it was really sampled. */
export interface Start {
  readonly saidUs: number;
  readonly trueUs: number;
}

/** What a recorder does with a stream, as far as time is concerned. */
export class Reception {
  readonly timeline: Timeline;
  readonly starts: Start[] = [];
  /** Missing time that the timeline found, and how often it saw a stall. */
  readonly gapsUs: number[] = [];
  stalls = 0;
  readonly #device: Device;
  readonly #segmentFrames: number;
  #index = 0;
  #nextCut = 0;
  #arrivedUs = 0;
  #trueUs = 0;

  constructor(device: Device, segmentSeconds: number) {
    this.#device = device;
    this.#segmentFrames = Math.round(segmentSeconds * device.sampleRate);
    this.timeline = new Timeline({ sampleRate: device.sampleRate });
  }

  /** Index of the next sample frame to arrive. */
  get index(): number {
    return this.#index;
  }

  /** Receives blocks until the device has sampled `seconds` more of its time. */
  run(seconds: number): void {
    const { sampleRate, blockSeconds, delayUs } = this.#device;
    const frames = Math.round(blockSeconds * sampleRate);
    const blocks = Math.round(seconds / blockSeconds);
    const secondUs = 1_000_000 / (1 + this.#device.ppm / 1_000_000);
    for (let block = 0; block < blocks; block++) {
      const sampledUs = this.#trueUs;
      this.#trueUs += blockSeconds * secondUs;
      // TCP keeps the order: a block that was held up holds up those behind it.
      this.#arrivedUs = Math.max(this.#arrivedUs, this.#trueUs + delayUs(block));
      this.#receive(frames, sampledUs, this.#arrivedUs);
    }
  }

  /** The device is silent, or what it sampled meanwhile is lost. */
  pause(seconds: number): void {
    this.#trueUs += seconds * 1_000_000;
  }

  #receive(frames: number, sampledUs: number, nowUs: number): void {
    const { timeline } = this;
    if (timeline.begin(this.#index, nowUs)) {
      this.stalls++;
      this.#nextCut = this.#index;
    }
    if (!timeline.settling) this.#cutUpTo(frames, sampledUs);
    this.#index += frames;
    timeline.end(this.#index, nowUs);
    if (timeline.settling && timeline.settled(nowUs)) this.#settle();
  }

  #cutUpTo(frames: number, sampledUs: number): void {
    for (; this.#nextCut < this.#index + frames; this.#nextCut += this.#segmentFrames) {
      const intoBlock = (this.#nextCut - this.#index) / this.#device.sampleRate;
      this.starts.push({
        saidUs: this.timeline.timeOf(this.#nextCut),
        trueUs: sampledUs + intoBlock * 1_000_000,
      });
      this.timeline.refit();
    }
  }

  #settle(): void {
    const missingUs = this.timeline.settle();
    if (missingUs > 0) this.gapsUs.push(missingUs);
    this.#nextCut = this.#index;
  }
}

/** Largest distance of a said start from the true one, in seconds. */
export function worstStart(starts: readonly Start[]): number {
  return (
    starts.reduce((worst, { saidUs, trueUs }) => Math.max(worst, Math.abs(saidUs - trueUs)), 0) / 1_000_000
  );
}

/** Network delays between `leastMs` and `mostMs`, mostly small, the same in every run. */
export function jitter(leastMs: number, mostMs: number, seed = 1): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (leastMs + (mostMs - leastMs) * (state / 2 ** 32) ** 3) * 1000;
  };
}
