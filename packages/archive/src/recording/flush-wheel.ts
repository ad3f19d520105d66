/** Something that wants to be called once a second. */
export interface Flushable {
  flush(nowUs: number): void;
}

const BUCKETS = 9;
const TICK_MS = 100;

/**
 * One timer for all recordings: each is flushed every 900 ms, spread evenly, so that a thousand of them do not
 * block the event loop at once.
 */
export class FlushWheel {
  readonly #buckets = Array.from({ length: BUCKETS }, () => new Set<Flushable>());
  readonly #bucketOf = new Map<Flushable, Set<Flushable>>();
  readonly #nowUs: () => number;
  readonly #timer: NodeJS.Timeout;
  #tick = 0;
  #added = 0;

  constructor(nowUs: () => number) {
    this.#nowUs = nowUs;
    this.#timer = setInterval(() => this.#flushNext(), TICK_MS);
    this.#timer.unref();
  }

  add(recording: Flushable): void {
    const bucket = this.#buckets[this.#added++ % BUCKETS];
    bucket.add(recording);
    this.#bucketOf.set(recording, bucket);
  }

  remove(recording: Flushable): void {
    this.#bucketOf.get(recording)?.delete(recording);
    this.#bucketOf.delete(recording);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #flushNext(): void {
    const nowUs = this.#nowUs();
    for (const recording of this.#buckets[this.#tick++ % BUCKETS]) recording.flush(nowUs);
  }
}
