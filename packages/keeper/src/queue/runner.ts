import type { Catalogue, Job } from "@audio/archive";
import type { Commit } from "./step.js";

/** What a queue's jobs need to be done. */
export interface RunnerOptions {
  readonly step: string;
  readonly catalogue: Catalogue;
  readonly concurrency: number;
  /** Does one job; it goes from the queue when this resolves, together with what the commit writes. */
  readonly work: (job: Job, signal: AbortSignal) => Promise<Commit | undefined>;
  /**
   * It failed; decides what becomes of it. When the fault is not the job's, the whole queue waits.
   * @param inARow how often the queue had to wait without a success since
   * @returns how long the queue waits: milliseconds; undefined: it goes on
   */
  readonly failed: (job: Job, error: unknown, inARow: number) => number | undefined;
  /** The catalogue itself did not answer. */
  readonly onTrouble: (error: unknown) => void;
  readonly now: () => number;
}

interface Running {
  readonly done: Promise<void>;
  readonly segmentId: number | undefined;
}

// Other programs add jobs too; they are found at the latest after this time.
const LOOK_AGAIN_MS = 2000;
// A catalogue that takes no note of what was done would have it done again and again.
const LONGEST_TROUBLE_MS = 60_000;

/**
 * Works on one queue: what is due, at most so many at once, the longest due first. A queue that had to wait tries one
 * job before it goes on with all.
 */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #running = new Map<number, Running>();
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #waitsUntilMs = 0;
  #waits = 0;
  #troubles = 0;
  #completed = 0;
  #failures = 0;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Jobs being done now. */
  get running(): number {
    return this.#running.size;
  }

  /** Whether it is at a job of this segment. */
  isWorkingOn(segmentId: number): boolean {
    return [...this.#running.values()].some((running) => running.segmentId === segmentId);
  }

  /** Jobs done since the start. */
  get completed(): number {
    return this.#completed;
  }

  /** Attempts that failed since the start. */
  get failures(): number {
    return this.#failures;
  }

  /** Whether the whole queue waits, for a reason that is none of its jobs'. */
  get isWaiting(): boolean {
    return this.#waits > 0;
  }

  /** Looks for jobs that are due, now and from now on. */
  look(): void {
    if (this.#stop.signal.aborted) return;
    clearTimeout(this.#timer);
    try {
      this.#begin();
      this.#timer = setTimeout(() => this.look(), this.#pauseMs());
    } catch (error) {
      this.#options.onTrouble(error);
      this.#timer = setTimeout(() => this.look(), LOOK_AGAIN_MS);
    }
  }

  /** Starts nothing more, tells what runs to end, and waits for it. What is not done stays in the queue. */
  async stop(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  #begin(): void {
    const { step, catalogue, now } = this.#options;
    if (now() < this.#waitsUntilMs) return;
    const limit = this.#waits > 0 ? 1 : this.#options.concurrency;
    if (this.running >= limit) return;
    for (const job of catalogue.jobs.due(step, now(), limit + this.running)) {
      if (this.running >= limit) return;
      if (!this.#running.has(job.id)) this.#launch(job);
    }
  }

  #pauseMs(): number {
    const { step, catalogue, concurrency, now } = this.#options;
    if (this.running >= concurrency) return LOOK_AGAIN_MS; // the end of one of them looks again
    const dueMs = Math.max(catalogue.jobs.nextDueMs(step) ?? Number.POSITIVE_INFINITY, this.#waitsUntilMs);
    const ahead = dueMs - now();
    return ahead > 0 ? Math.min(ahead, LOOK_AGAIN_MS) : LOOK_AGAIN_MS; // what is due already, runs
  }

  #launch(job: Job): void {
    const done = this.#do(job).finally(() => {
      this.#running.delete(job.id);
      this.look();
    });
    this.#running.set(job.id, { done, segmentId: job.segmentId });
  }

  async #do(job: Job): Promise<void> {
    const { work, catalogue, onTrouble } = this.#options;
    const { signal } = this.#stop;
    try {
      const commit = await work(job, signal);
      catalogue.transaction(() => {
        commit?.();
        catalogue.jobs.done(job.id);
      });
      this.#waits = 0;
      this.#troubles = 0;
      this.#completed++;
    } catch (error) {
      if (signal.aborted) return;
      this.#failures++;
      try {
        catalogue.transaction(() => this.#failed(job, error));
      } catch (trouble) {
        const pauseMs = Math.min(LONGEST_TROUBLE_MS, LOOK_AGAIN_MS * 2 ** this.#troubles++);
        this.#waitsUntilMs = this.#options.now() + pauseMs;
        onTrouble(trouble);
      }
    }
  }

  #failed(job: Job, error: unknown): void {
    const { failed, now } = this.#options;
    const waitMs = failed(job, error, this.#waits + 1);
    if (waitMs === undefined) return;
    this.#waits++;
    this.#waitsUntilMs = now() + waitMs;
  }
}
