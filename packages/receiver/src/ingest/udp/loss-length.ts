/**
 * How much audio lost datagrams held. The sender's clock tells it where datagrams differ in size, as long as it says
 * something that datagrams of the sizes seen can hold; else, and always where all are alike, their usual size does:
 * a clock of milliseconds would be off by up to 16 samples at 16 kHz, and one that stamps the sending by more.
 */
export class LossLength {
  readonly #sampleRate: number;
  #least = Number.POSITIVE_INFINITY;
  #most = 0;
  #last = 0;
  #lastTimestampMs = 0;

  constructor(sampleRate: number) {
    this.#sampleRate = sampleRate;
  }

  /** Sample frames of the datagram that came last. */
  get usual(): number {
    return this.#last;
  }

  /** A datagram of so many sample frames has come. */
  note(sampleFrames: number, timestampMs: number): void {
    this.#last = sampleFrames;
    this.#lastTimestampMs = timestampMs;
    if (sampleFrames < this.#least) this.#least = sampleFrames;
    if (sampleFrames > this.#most) this.#most = sampleFrames;
  }

  /** Sample frames in the `lost` datagrams before one with this timestamp. */
  of(lost: number, timestampMs: number): number {
    const elapsedMs = (timestampMs - this.#lastTimestampMs) >>> 0; // uptime wraps after 49.7 days
    const byClock = Math.round((elapsedMs * this.#sampleRate) / 1000) - this.#last;
    if (byClock >= lost * this.#least && byClock <= lost * this.#most) return byClock;
    return lost * this.#last;
  }
}
