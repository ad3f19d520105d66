import type { Catalogue, Job, Segment } from "@audio/archive";
import type { Tell } from "./note.js";
import { Runner, type RunnerOptions } from "./queue/runner.js";
import type { Commit, MessageStep, SegmentStep } from "./queue/step.js";

export interface PipelineOptions {
  readonly catalogue: Catalogue;
  /** In the order in which a segment goes through them. */
  readonly steps: readonly SegmentStep[];
  readonly messages: readonly MessageStep[];
  readonly tell: Tell;
  readonly onTrouble: (error: unknown) => void;
  readonly now: () => number;
}

type Failed = RunnerOptions["failed"];

/** Everything that is to be done for segments: durable queues, one a step; a segment is in one of them at a time. */
export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #runners = new Map<string, Runner>();

  constructor(options: PipelineOptions) {
    this.#options = options;
    for (const step of options.steps) {
      const failed: Failed = (job, error, inARow) => this.#failed(step, job, error, inARow);
      this.#add(step, (job, signal) => this.#runSegment(step, job, signal), failed);
    }
    for (const step of options.messages) {
      const failed: Failed = (job, error, inARow) => this.#retry(step, job, error, inARow);
      this.#add(step, (job, signal) => step.run(job, signal), failed);
    }
  }

  /** Every queue's runner, by the name of its step. */
  get runners(): ReadonlyMap<string, Runner> {
    return this.#runners;
  }

  /** Takes up what is due, and what becomes due; what failed before is tried now: somebody may have mended it. */
  start(): void {
    this.#hurry();
    for (const runner of this.#runners.values()) runner.look();
  }

  /** A segment is new: it goes to the first step that wants it, and from there on. */
  begin(segment: Segment): void {
    this.#next(segment, 0);
  }

  /** A segment goes to these steps, as far as they want it, and to no others. */
  only(segment: Segment, names: readonly string[]): void {
    const { steps, catalogue, now } = this.#options;
    for (const step of steps) {
      if (!names.includes(step.name) || !step.wants(segment)) continue;
      catalogue.jobs.addFor(segment.id, step.name, now(), now(), true);
      this.#wakeSoon(step.name);
    }
  }

  /** Whether something is being done for this segment now. */
  isWorkingOn(segmentId: number): boolean {
    return [...this.#runners.values()].some((runner) => runner.isWorkingOn(segmentId));
  }

  /** Jobs were added to this queue. */
  wake(step: string): void {
    this.#runners.get(step)?.look();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#runners.values()].map((runner) => runner.stop()));
  }

  #hurry(): void {
    const { catalogue, now, onTrouble } = this.#options;
    try {
      catalogue.jobs.hurry(now());
    } catch (error) {
      onTrouble(error); // no room, perhaps: then each is tried when it is due
    }
  }

  #add({ name, concurrency }: SegmentStep | MessageStep, work: RunnerOptions["work"], failed: Failed): void {
    const { catalogue, now, onTrouble } = this.#options;
    const runner = new Runner({ step: name, catalogue, concurrency, work, failed, onTrouble, now });
    this.#runners.set(name, runner);
  }

  async #runSegment(step: SegmentStep, job: Job, signal: AbortSignal): Promise<Commit | undefined> {
    const { segments } = this.#options.catalogue;
    const id = job.segmentId as number;
    const segment = segments.byId(id);
    if (segment === undefined) return undefined;
    const commit = step.wants(segment) ? await step.run(segment, signal) : undefined;
    return () => {
      commit?.();
      if (this.#options.catalogue.jobs.isLast(job.id) || (step.yields && job.attempts > 0)) return; // or the steps behind it did not wait
      const after = segments.byId(id);
      if (after !== undefined) this.#next(after, this.#options.steps.indexOf(step) + 1);
    };
  }

  #next(segment: Segment, from: number): void {
    const { steps, catalogue, now } = this.#options;
    const step = steps.slice(from).find((candidate) => candidate.wants(segment));
    if (step === undefined) return;
    catalogue.jobs.addFor(segment.id, step.name, now(), now() + (step.delayMs ?? 0));
    this.#wakeSoon(step.name);
  }

  // Not now: this may be within a transaction.
  #wakeSoon(step: string): void {
    setImmediate(() => this.wake(step));
  }

  #failed(step: SegmentStep, job: Job, error: unknown, inARow: number): number | undefined {
    const { catalogue, steps } = this.#options;
    const waitMs = this.#retry(step, job, error, inARow);
    const goesOn = step.yields ? job.attempts === 0 : catalogue.jobs.isGivenUp(job.id);
    if (!goesOn || job.isLast) return waitMs;
    const segment = catalogue.segments.byId(job.segmentId as number);
    if (segment !== undefined) this.#next(segment, steps.indexOf(step) + 1);
    return waitMs;
  }

  /** @returns how long the whole queue waits, if it does */
  #retry(step: SegmentStep | MessageStep, job: Job, error: unknown, inARow: number): number | undefined {
    const { catalogue, now } = this.#options;
    const { message } = error as Error;
    if (step.isCommon?.(error)) {
      const waitMs = step.retryMs(error, inARow) ?? LONGEST_WAIT_MS;
      catalogue.jobs.postpone(job.id, message, now() + waitMs + 1); // others first: it may be this one after all
      this.#say("warn", "all of this step wait", step, job, { reason: message, ...inSeconds(waitMs) });
      return waitMs;
    }
    const pauseMs = step.retryMs(error, job.attempts + 1);
    if (pauseMs !== undefined && "isUncounted" in step && step.isUncounted?.(error))
      catalogue.jobs.postpone(job.id, message, now() + pauseMs);
    else catalogue.jobs.failed(job.id, message, pauseMs === undefined ? undefined : now() + pauseMs);
    if (pauseMs === undefined) this.#say("error", "given up", step, job, { reason: message });
    else this.#say("warn", "will be tried again", step, job, { reason: message, ...inSeconds(pauseMs) });
    return undefined;
  }

  #say(
    level: "warn" | "error",
    message: string,
    { name }: SegmentStep | MessageStep,
    { segmentId, attempts }: Job,
    fields: object,
  ): void {
    const { catalogue, tell } = this.#options;
    const stem = segmentId === undefined ? undefined : catalogue.segments.byId(segmentId)?.stem;
    tell(level, `${name} failed, ${message}`, { stem, attempts: attempts + 1, ...fields });
  }
}

// What waits for somebody to change a setting or a right somewhere is tried again after this.
const LONGEST_WAIT_MS = 15 * 60_000;

function inSeconds(ms: number) {
  return { inSeconds: Math.round(ms / 1000) };
}
