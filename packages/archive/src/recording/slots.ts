/** Lets a few of many tasks run at a time, in the order in which they came. */
export class Slots {
  readonly #waiting: (() => void)[] = [];
  /** When each task that runs began; the oldest is the first. */
  readonly #running = new Set<{ readonly sinceMs: number }>();
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  /** How long the oldest task that runs has been running, in milliseconds; 0 when none does. */
  get longestMs(): number {
    for (const { sinceMs } of this.#running) return performance.now() - sinceMs;
    return 0;
  }

  async run<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const running = { sinceMs: performance.now() };
    this.#running.add(running);
    try {
      return await task();
    } finally {
      this.#running.delete(running);
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
