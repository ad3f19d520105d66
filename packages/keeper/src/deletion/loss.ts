import type { Segment } from "@audio/archive";

/** A stretch of a device, as somebody selects it. */
export interface Selection {
  /** Undefined: senders without a name. */
  readonly device: string | undefined;
  /** UTC, microseconds since the epoch: every segment that reaches into it is meant, whole. */
  readonly fromUs: number;
  readonly toUs: number;
}

/** A segment of which something stays, and why. */
export interface KeptSegment {
  readonly stem: string;
  readonly why: string;
}

/** What a deletion takes, or has taken. Plain values: they cross threads. */
export interface Loss {
  /** UTC, microseconds since the epoch; null: it takes nothing. */
  readonly fromUs: number | null;
  readonly toUs: number | null;
  readonly segments: number;
  /** Of all of them together. */
  readonly recordedUs: number;
  readonly localBytes: number;
  /** Objects in the store. */
  readonly remoteCopies: number;
  /** How many segments stay, or a part of them; `kept` has the first thousand. */
  readonly keptSegments: number;
  readonly kept: readonly KeptSegment[];
}

const MOST_KEPT = 1000;

/** Sums up what goes and what stays. */
export class LossSum {
  #fromUs: number | null = null;
  #toUs: number | null = null;
  #segments = 0;
  #recordedUs = 0;
  #localBytes = 0;
  #remoteCopies = 0;
  #keptSegments = 0;
  readonly #kept: KeptSegment[] = [];

  /** @param before what stays according to this stays */
  constructor(before?: Loss) {
    this.#keptSegments = before?.keptSegments ?? 0;
    this.#kept.push(...(before?.kept ?? []));
  }

  get loss(): Loss {
    return {
      fromUs: this.#fromUs,
      toUs: this.#toUs,
      segments: this.#segments,
      recordedUs: this.#recordedUs,
      localBytes: this.#localBytes,
      remoteCopies: this.#remoteCopies,
      keptSegments: this.#keptSegments,
      kept: [...this.#kept],
    };
  }

  take({ startUs, endUs, samples, sampleRate, forms }: Segment, remoteCopies: number): void {
    this.#fromUs = Math.min(this.#fromUs ?? startUs, startUs);
    this.#toUs = Math.max(this.#toUs ?? endUs, endUs);
    this.#segments++;
    this.#recordedUs += Math.round((samples * 1_000_000) / sampleRate);
    for (const { local, bytes } of forms) this.#localBytes += local ? bytes : 0;
    this.#remoteCopies += remoteCopies;
  }

  /** So many copies were counted, and are still there. */
  leave(remoteCopies: number): void {
    this.#remoteCopies -= remoteCopies;
  }

  keep(stem: string, why: string): void {
    this.#keptSegments++;
    if (this.#kept.length < MOST_KEPT) this.#kept.push({ stem, why });
  }
}
