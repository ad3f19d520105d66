import { statfsSync } from "node:fs";
import { type Catalogue, type Pin, readPins } from "@audio/archive";
import type { Tell } from "../note.js";
import { type Deleted, deleteSegments } from "./delete-segments.js";
import { type Forecast, GrowthMeter, hoursLeft, markForecast } from "./forecast.js";
import { planRemovals, type Removal, type Shortage } from "./plan.js";
import { isLimiting, type RetentionPolicy, type RetentionReason } from "./policy.js";
import { RetentionLog } from "./retention-log.js";
import { SlowFrees } from "./slow-frees.js";

/** What may be changed while it runs. */
export interface RetentionRules {
  readonly policy: RetentionPolicy;
  /** Free bytes at which recording stops. */
  readonly minFreeBytes: number;
}

export interface RetentionOptions extends RetentionRules {
  /** Absolute. */
  readonly dataDir: string;
  readonly catalogue: Catalogue;
  /** Whether the catalogue is complete: before that nothing is deleted. */
  readonly isReady: () => boolean;
  readonly tell: Tell;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The catalogue did not answer. */
  readonly onTrouble: (error: unknown) => void;
}

/** What was deleted for one reason. */
export interface DeletionSum {
  readonly reason: RetentionReason | "by-hand";
  readonly segments: number;
  readonly bytes: number;
}

/** How retention stands. Plain values. */
export interface RetentionStatus extends Forecast {
  /** Something is deleted, sooner or later. */
  readonly isLimiting: boolean;
  /** Of the disk; undefined when it does not say. */
  readonly freeBytes: number | undefined;
  /** Since the start. */
  readonly deletedSegments: number;
  readonly deletedBytes: number;
  /** The same by reason, and what was deleted by hand (`by-hand`), which is not among them; at first none. */
  readonly deletions: readonly DeletionSum[];
  /** Limits that cannot be held. */
  readonly shortages: readonly Shortage[];
}

const LOOK_MS = 1000;
// Ages and sizes of devices are looked at less often, as are limits that could not be held a moment ago.
const THOROUGH_MS = 30_000;
const SHORT_MS = 5000;
const MEASURE_MS = 10_000;
// Some 50 ms of the keeper's thread; 1000 streams make 100 segments a second.
const BATCH = 200;
const TRY_AGAIN_MS = 10 * 60_000;

/** Deletes, all the time and no more than needed, what the policy does not want any longer. */
export class Retention {
  readonly #options: RetentionOptions;
  #rules: RetentionRules;
  readonly #log: RetentionLog;
  readonly #growth = new GrowthMeter();
  readonly #slowFrees = new SlowFrees();
  /** Segments of which a file could not be deleted, and when to try again. */
  readonly #refused = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #plannedMs = Number.NEGATIVE_INFINITY;
  #measuredMs = Number.NEGATIVE_INFINITY;
  #freeBytes: number | undefined;
  #totalBytes = 0;
  #deletedSegments = 0;
  #deletedBytes = 0;
  readonly #deletions = new Map<DeletionSum["reason"], DeletionSum>();
  #shortages: readonly Shortage[] = [];

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#rules = options;
    this.#log = new RetentionLog(options.tell);
  }

  get status(): RetentionStatus {
    return {
      isLimiting: isLimiting(this.#rules.policy),
      freeBytes: this.#freeBytes,
      deletedSegments: this.#deletedSegments,
      deletedBytes: this.#deletedBytes,
      deletions: [...this.#deletions.values()],
      shortages: this.#shortages,
      ...this.#forecast(),
    };
  }

  /** From the next look on these hold, all of them: nobody waits for the next thorough one. */
  change(rules: RetentionRules): void {
    this.#rules = rules;
    this.#plannedMs = Number.NEGATIVE_INFINITY;
  }

  /** Looks at once, then every second until `stop`. */
  start(): void {
    this.#timer = setTimeout(() => this.#look(), 0);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  /** Somebody deleted recordings by hand: they do not count as growth that ended. */
  deletedByHand({ segments, bytes }: Deleted): void {
    this.#totalBytes -= bytes;
    this.#count("by-hand", segments, bytes);
  }

  #look(): void {
    let isMore = false;
    try {
      isMore = this.#round(this.#options.now());
    } catch (error) {
      this.#options.onTrouble(error);
    }
    if (!this.#isStopped) this.#timer = setTimeout(() => this.#look(), isMore ? 0 : LOOK_MS);
  }

  /** @returns whether there is more to delete at once */
  #round(nowMs: number): boolean {
    this.#freeBytes = freeBytesOf(this.#options.dataDir);
    if (!this.#options.isReady()) {
      this.#growth.reset();
      return false;
    }
    this.#measure(nowMs);
    this.#log.summarize(nowMs);
    if (!isLimiting(this.#rules.policy) || !this.#isDue(nowMs)) return false;
    const pins = this.#pins();
    return pins !== undefined && this.#deleteSome(pins, nowMs);
  }

  #measure(nowMs: number): void {
    const { catalogue } = this.#options;
    const { policy } = this.#rules;
    const isDue = Math.abs(nowMs - this.#measuredMs) >= MEASURE_MS;
    if (!isDue && policy.maxTotalBytes === undefined) return;
    this.#totalBytes = catalogue.local.usage().reduce((sum, { bytes }) => sum + bytes, 0);
    const byHandBytes = this.#deletions.get("by-hand")?.bytes ?? 0;
    this.#growth.sample(nowMs, this.#totalBytes + this.#deletedBytes + byHandBytes);
    if (!isDue) return;
    this.#measuredMs = nowMs;
    if (this.#freeBytes !== undefined)
      markForecast(catalogue, { ...this.#forecast(), freeBytes: this.#freeBytes, atMs: nowMs });
  }

  #isDue(nowMs: number): boolean {
    const sincePlanMs = Math.abs(nowMs - this.#plannedMs);
    if (sincePlanMs >= THOROUGH_MS) return true;
    if (this.#shortages.length > 0 && sincePlanMs < SHORT_MS) return false;
    const { maxTotalBytes = Number.POSITIVE_INFINITY, keepFreeBytes = 0 } = this.#rules.policy;
    return this.#freeBytesSoon(nowMs) < keepFreeBytes || this.#totalBytes > maxTotalBytes;
  }

  // What they protect is not known when they cannot be read.
  #pins(): readonly Pin[] | undefined {
    try {
      const pins = readPins(this.#options.dataDir);
      this.#log.trouble(undefined);
      return pins;
    } catch (error) {
      this.#log.trouble((error as Error).message);
      return undefined;
    }
  }

  #deleteSome(pins: readonly Pin[], nowMs: number): boolean {
    const { catalogue } = this.#options;
    const { policy } = this.#rules;
    const removals: Removal[] = [];
    const plan = planRemovals({
      policy,
      pins,
      local: catalogue.local,
      nowUs: nowMs * 1000,
      freeBytes: this.#freeBytesSoon(nowMs),
      stays: (id) => (this.#refused.get(id) ?? nowMs) > nowMs,
    });
    let next = plan.next();
    for (; next.done !== true && removals.length < BATCH; next = plan.next()) removals.push(next.value);
    const isAny = removals.length > 0 && this.#delete(removals, nowMs);
    if (next.done !== true) return isAny;
    this.#plannedMs = nowMs;
    this.#shortages = next.value;
    this.#log.shortages(next.value);
    return false;
  }

  /** @returns whether anything went */
  #delete(removals: readonly Removal[], nowMs: number): boolean {
    const { dataDir, catalogue } = this.#options;
    const before = freeBytesOf(dataDir);
    const done = deleteSegments(
      dataDir,
      catalogue,
      removals.map(({ segment }) => segment),
    );
    const after = freeBytesOf(dataDir);
    if (before !== undefined && after !== undefined)
      this.#slowFrees.deleted(nowMs, done.bytes, before, after);
    this.#deletedSegments += done.segments;
    this.#deletedBytes += done.bytes;
    this.#totalBytes -= done.bytes;
    const refused = new Set<number>(done.refused.map(({ segment }) => segment.id));
    for (const { segment, reason } of removals)
      if (!refused.has(segment.id)) this.#count(reason, 1, segment.bytes);
    for (const { segment } of done.refused) this.#refused.set(segment.id, nowMs + TRY_AGAIN_MS);
    this.#log.refused(done.refused);
    this.#log.deleted(removals);
    return done.segments > 0;
  }

  #count(reason: DeletionSum["reason"], segments: number, bytes: number): void {
    const sum = this.#deletions.get(reason) ?? { reason, segments: 0, bytes: 0 };
    this.#deletions.set(reason, { reason, segments: sum.segments + segments, bytes: sum.bytes + bytes });
  }

  #freeBytesSoon(nowMs: number): number {
    return (this.#freeBytes ?? Number.POSITIVE_INFINITY) + this.#slowFrees.bytes(nowMs);
  }

  #forecast(): Forecast {
    const { bytesPerSecond } = this.#growth;
    const free = this.#freeBytes;
    if (free === undefined) return { bytesPerSecond, hoursLeft: undefined };
    return { bytesPerSecond, hoursLeft: hoursLeft(free, this.#rules.minFreeBytes, bytesPerSecond) };
  }
}

function freeBytesOf(dataDir: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(dataDir);
    return bavail * bsize;
  } catch {
    return undefined; // the recorder tells that the disk is gone
  }
}
