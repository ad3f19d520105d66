import type { LocalSegment, LocalSegments, Pin } from "@audio/archive";
import {
  ageLimitUs,
  deviceRetention,
  type RetentionPolicy,
  type RetentionReason,
  waitsForBin,
} from "./policy.js";
import { type Row, Shelf } from "./shelf.js";

/** All that decides what retention deletes. */
export interface Situation {
  readonly policy: RetentionPolicy;
  readonly local: LocalSegments;
  readonly pins: readonly Pin[];
  /** UTC, microseconds since the epoch. */
  readonly nowUs: number;
  /** Of the disk; undefined = not known, and nothing is deleted for it. */
  readonly freeBytes: number | undefined;
  /** Segments to be left alone, because an earlier attempt to delete them failed. */
  readonly stays?: (id: number) => boolean;
}

/** A segment whose files go, and why. */
export interface Removal {
  readonly segment: LocalSegment;
  readonly reason: RetentionReason;
}

/** A limit that cannot be held. */
export interface Shortage {
  readonly reason: Exclude<RetentionReason, "age">;
  /** Set for the limit of a device. */
  readonly device?: string;
  /** So much too much there is, or too little free. */
  readonly bytes: number;
  /** Something would be left to delete, were it uploaded. */
  readonly waitsForUpload: boolean;
}

/**
 * What has to go, in this order; a caller may stop at any of them. Nothing more than needed: for a size or free
 * space, the last one at most is more than that. What is pinned, or belongs to a device with `keep`, is never among
 * them.
 * @returns the limits that cannot be held
 */
export function* planRemovals(situation: Situation): Generator<Removal, Shortage[]> {
  const { policy, local, pins, stays = () => false } = situation;
  const isLeft = ({ id, isSaved, isBinSaved }: LocalSegment) =>
    stays(id) || (isSaved && waitsForBin(policy, isBinSaved));
  const usage = local.usage();
  const shelves = usage
    .filter(({ device }) => deviceRetention(policy, device).keep !== true)
    .map((use) => new Shelf(local, use, pins, isLeft));
  const plan = new Plan(policy, shelves);
  yield* plan.byAge(situation.nowUs);
  const shortages = [...(yield* plan.byDeviceSize())];
  const totalBytes = usage.reduce((sum, { bytes }) => sum + bytes, 0);
  const excess = totalBytes - plan.takenBytes - (policy.maxTotalBytes ?? Number.POSITIVE_INFINITY);
  shortages.push(...(yield* plan.bySize("total-size", shelves, excess)));
  const free = (situation.freeBytes ?? Number.POSITIVE_INFINITY) + plan.takenBytes;
  shortages.push(...(yield* plan.bySize("free-space", shelves, (policy.keepFreeBytes ?? 0) - free)));
  return shortages;
}

class Plan {
  takenBytes = 0;
  readonly #policy: RetentionPolicy;
  readonly #shelves: readonly Shelf[];

  constructor(policy: RetentionPolicy, shelves: readonly Shelf[]) {
    this.#policy = policy;
    this.#shelves = shelves;
  }

  *byAge(nowUs: number): Generator<Removal> {
    const { onlyUploaded } = this.#policy;
    const limits = new Map<Row, { readonly shelf: Shelf; readonly limitUs: number }>();
    for (const shelf of this.#shelves) {
      const limitUs = ageLimitUs(this.#policy, shelf.device, nowUs);
      if (limitUs === undefined) continue;
      for (const row of onlyUploaded ? [shelf.saved] : [shelf.saved, shelf.unsaved])
        limits.set(row, { shelf, limitUs });
    }
    const isDue = ([row, { limitUs }]: [Row, { limitUs: number }]) =>
      row.first !== undefined && row.first.endUs < limitUs;
    for (;;) {
      const row = oldest([...limits].filter(isDue).map(([row]) => row));
      if (row === undefined) return;
      yield this.#take(row, (limits.get(row) as { shelf: Shelf }).shelf, "age");
    }
  }

  *byDeviceSize(): Generator<Removal, Shortage[]> {
    const shortages: Shortage[] = [];
    for (const shelf of this.#shelves) {
      const { maxBytes } = deviceRetention(this.#policy, shelf.device);
      if (maxBytes === undefined) continue;
      const found = yield* this.bySize("device-size", [shelf], shelf.bytes - maxBytes);
      shortages.push(...found.map((shortage) => ({ ...shortage, device: shelf.device })));
    }
    return shortages;
  }

  /** Deletes at least `bytes`: what is uploaded first, each oldest first. */
  *bySize(
    reason: Shortage["reason"],
    shelves: readonly Shelf[],
    bytes: number,
  ): Generator<Removal, Shortage[]> {
    const { onlyUploaded, deleteUnuploadedWhenFull } = this.#policy;
    const isAll = !onlyUploaded || (reason === "free-space" && deleteUnuploadedWhenFull);
    let left = bytes;
    for (const kind of isAll ? (["saved", "unsaved"] as const) : (["saved"] as const)) {
      const shelfOf = new Map(shelves.map((shelf) => [shelf[kind], shelf]));
      while (left > 0) {
        const row = oldest(shelfOf.keys());
        if (row === undefined) break;
        const removal = this.#take(row, shelfOf.get(row) as Shelf, reason);
        left -= removal.segment.bytes;
        yield removal;
      }
    }
    if (left <= 0) return [];
    const waitsForUpload = !isAll && shelves.some(({ unsaved }) => unsaved.first !== undefined);
    return [{ reason, bytes: left, waitsForUpload }];
  }

  #take(row: Row, shelf: Shelf, reason: RetentionReason): Removal {
    const segment = row.take() as LocalSegment;
    shelf.bytes -= segment.bytes;
    this.takenBytes += segment.bytes;
    return { segment, reason };
  }
}

/** The one whose first segment began first; undefined when all are empty. */
function oldest(rows: Iterable<Row>): Row | undefined {
  let found: Row | undefined;
  let foundUs = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    const startUs = row.first?.startUs ?? Number.POSITIVE_INFINITY;
    if (startUs < foundUs) [found, foundUs] = [row, startUs];
  }
  return found;
}
