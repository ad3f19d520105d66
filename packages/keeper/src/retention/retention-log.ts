import { dirname } from "node:path";
import type { Tell } from "../note.js";
import type { Refusal } from "./delete-segments.js";
import type { Removal, Shortage } from "./plan.js";

const SUMMARY_EVERY_MS = 60_000;
const ADVICE: Readonly<Record<Shortage["reason"], string>> = {
  "free-space": "the disk cannot be kept free",
  "total-size": "the recordings take more than maxTotalGb allows",
  "device-size": "a device's recordings take more than its maxGb allows",
};

/** What retention says in the log: each trouble once, deletions in a summary a minute. */
export class RetentionLog {
  readonly #tell: Tell;
  #summary = new Map<string, { segments: number; bytes: number }>();
  #summaryMs = Number.NEGATIVE_INFINITY;
  #shortages = new Set<string>();
  #refusals = new Set<string>();
  #trouble: string | undefined;

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  deleted(removals: readonly Removal[]): void {
    for (const { segment, reason } of removals) {
      const sum = this.#summary.get(reason) ?? { segments: 0, bytes: 0 };
      this.#summary.set(reason, { segments: sum.segments + 1, bytes: sum.bytes + segment.bytes });
    }
  }

  /** Called now and then, so that what was deleted is told. */
  summarize(nowMs: number): void {
    if (this.#summary.size === 0 || nowMs - this.#summaryMs < SUMMARY_EVERY_MS) return;
    for (const [reason, { segments, bytes }] of this.#summary)
      this.#tell("info", "retention deleted segments", { reason, segments, bytes });
    this.#summary = new Map();
    this.#summaryMs = nowMs;
  }

  /** These limits cannot be held at the moment, and no others. */
  shortages(shortages: readonly Shortage[]): void {
    const keys = new Set<string>();
    for (const { reason, device, bytes, waitsForUpload } of shortages) {
      const key = JSON.stringify([reason, device, waitsForUpload]);
      keys.add(key);
      if (this.#shortages.has(key)) continue;
      const why = waitsForUpload ? "what is left is not uploaded yet" : "what is left is pinned or kept";
      this.#tell("warn", `${ADVICE[reason]}: ${why}`, { bytes, ...(device !== undefined && { device }) });
    }
    this.#shortages = keys;
  }

  refused(refusals: readonly Refusal[]): void {
    for (const { path, error } of refusals) {
      const key = `${error.code} ${dirname(path)}`;
      if (this.#refusals.has(key)) continue;
      this.#refusals.add(key);
      this.#tell("warn", "a file cannot be deleted; the others are", { path, reason: error.message });
    }
  }

  /** Nothing can be deleted, for this reason; undefined = it can. */
  trouble(message: string | undefined): void {
    if (message !== undefined && message !== this.#trouble) this.#tell("error", message);
    this.#trouble = message;
  }
}
