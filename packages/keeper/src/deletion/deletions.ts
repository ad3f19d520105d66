import { setTimeout as sleep } from "node:timers/promises";
import { ArchiveError, NAMELESS_PIN, type Pin, readPins, type Segment } from "@audio/archive";
import type { KeeperContext } from "../context.js";
import type { Pipeline } from "../pipeline.js";
import type { Deleted } from "../retention/delete-segments.js";
import type { RetentionPolicy } from "../retention/policy.js";
import { carryOut } from "./carry-out.js";
import { type CopiesStep, copiesOf, DELETE } from "./copies.js";
import { type Loss, LossSum, type Selection } from "./loss.js";
import { type Rules, verdictOn } from "./verdict.js";

/** What somebody wants to be deleted. */
export interface DeletionRequest extends Selection {
  /** They were told that it takes so many segments: if it takes more, nothing is deleted. */
  readonly segments: number;
  /** Who; for the log. */
  readonly by: string;
}

/** What a deletion takes, or has taken; or why nothing is deleted. */
export type LossAnswer =
  | { readonly kind: "loss"; readonly loss: Loss }
  /** It would take more than the asker was told. */
  | { readonly kind: "more"; readonly loss: Loss }
  | { readonly kind: "refused"; readonly message: string };

export interface DeletionOptions extends KeeperContext {
  readonly policy: RetentionPolicy;
  /** Whether everything on the disk is in the catalogue: what is not would be left. */
  readonly isReady: () => boolean;
  readonly pipeline: Pick<Pipeline, "isWorkingOn" | "wake" | "runners">;
  readonly onDeleted: (deleted: Deleted) => void;
  /** Undefined: nothing is uploaded. */
  readonly copies: Pick<CopiesStep, "refusal"> | undefined;
}

// A deletion of so many takes the keeper's thread half a minute.
const MOST_SEGMENTS = 100_000;
const PAGE = 500;
// Some 50 ms of the keeper's thread.
const BATCH = 200;
// Compressing and uploading end by themselves; then the segment can go.
const BUSY_MS = 10_000;
const COPIES_MS = 10_000;
const LOOK_MS = 50;

interface Plan {
  readonly loss: Loss;
  readonly ids: readonly number[];
}

class Refused extends Error {}

/** Deletes what people select. */
export class Deletions {
  readonly #options: DeletionOptions;
  #last: Promise<unknown> = Promise.resolve();
  #policy: RetentionPolicy;
  #isStopped = false;

  constructor(options: DeletionOptions) {
    this.#options = options;
    this.#policy = options.policy;
  }

  /** From the next deletion on these hold. */
  change({ policy }: Pick<DeletionOptions, "policy">): void {
    this.#policy = policy;
  }

  /** What a deletion would take. */
  loss(selection: Selection): Promise<LossAnswer> {
    return answered(async () => ({ kind: "loss", loss: (await this.#plan(selection)).loss }));
  }

  /** Deletes it, one selection after the other. What has gone at a crash is gone, the rest stays. */
  remove(request: DeletionRequest): Promise<LossAnswer> {
    const removed = this.#last.then(() => answered(() => this.#remove(request)));
    this.#last = removed.catch(() => undefined); // told to who asked for it
    return removed;
  }

  /** Ends what runs between two batches, and begins no more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#last;
  }

  async #remove(request: DeletionRequest): Promise<LossAnswer> {
    const { loss, ids } = await this.#plan(request);
    if (loss.segments > request.segments) return { kind: "more", loss };
    const done = new LossSum(loss);
    const copied = await this.#removeAll(ids, done);
    await this.#copiesGone(copied, done);
    this.#say(request, done.loss);
    return { kind: "loss", loss: done.loss };
  }

  async #plan({ device, fromUs, toUs }: Selection): Promise<Plan> {
    const { catalogue, isReady } = this.#options;
    if (!isReady()) throw new Refused("files and catalogue are being compared: try again in a moment");
    const [rules, sum, ids] = [this.#rules(), new LossSum(), [] as number[]];
    let page: readonly Segment[] = [];
    do {
      const query = { device: device ?? null, fromUs, toUs, after: page.at(-1), limit: PAGE };
      page = catalogue.segments.list(query);
      for (const segment of page) if (count(segment, rules, sum)) ids.push(segment.id);
      if (ids.length > MOST_SEGMENTS)
        throw new Refused(`it would take more than ${MOST_SEGMENTS} segments at once: select less`);
      await breath();
    } while (page.length === PAGE);
    return { loss: sum.loss, ids };
  }

  /** @returns those whose copies wait to be deleted */
  async #removeAll(ids: readonly number[], done: LossSum): Promise<Segment[]> {
    const copied: Segment[] = [];
    let left = ids;
    for (const deadline = performance.now() + BUSY_MS; ; await sleep(LOOK_MS)) {
      const busy: number[] = [];
      for (let at = 0; at < left.length; at += BATCH) {
        const some = left.slice(at, at + BATCH);
        busy.push(...(this.#isStopped ? some : this.#removeSome(some, done, copied)));
        await breath();
      }
      left = busy;
      if (left.length === 0 || performance.now() > deadline || this.#isStopped) break;
    }
    const why = this.#isStopped ? "the receiver is stopping" : "it is being compressed or uploaded";
    for (const id of left) this.#keep(id, `${why}: delete it again in a moment`, done);
    return copied;
  }

  /** @returns those that somebody works on: with their files, others would come */
  #removeSome(ids: readonly number[], done: LossSum, copied: Segment[]): number[] {
    const { catalogue, pipeline, settings, onDeleted } = this.#options;
    const rules = this.#rules(); // somebody may have pinned something since
    const isBusy = (id: number) => pipeline.isWorkingOn(id);
    const there = ids.filter((id) => !isBusy(id)).flatMap((id) => catalogue.segments.byId(id) ?? []);
    const going = there.filter((segment) => {
      const { goes, stays = "" } = verdictOn(segment, rules);
      if (!goes) done.keep(segment.stem, stays);
      return goes;
    });
    const deleted = carryOut(this.#options, going);
    onDeleted(deleted);
    const refused = new Map(deleted.refused.map((refusal) => [refusal.segment.id, refusal]));
    for (const segment of going) {
      const { path, error } = refused.get(segment.id) ?? {};
      if (error !== undefined) done.keep(segment.stem, `${path} cannot be deleted: ${error.message}`);
      else done.take(segment, copiesOf(segment, settings.upload).length);
      if (error === undefined && copiesOf(segment, settings.upload).length > 0) copied.push(segment);
    }
    return ids.filter(isBusy);
  }

  async #copiesGone(copied: readonly Segment[], done: LossSum): Promise<void> {
    const { catalogue, pipeline, settings, copies } = this.#options;
    if (copied.length === 0) return;
    pipeline.wake(DELETE);
    const runner = pipeline.runners.get(DELETE);
    const deadline = performance.now() + COPIES_MS;
    const isOver = () => this.#isStopped || runner?.isWaiting === true || performance.now() > deadline;
    while (catalogue.jobs.waiting(DELETE) > 0 && !isOver()) await sleep(LOOK_MS);
    const reason = catalogue.jobs.lastError(DELETE) ?? "others are deleted first";
    const why = copies?.refusal
      ? `its copy in the bucket stays: ${copies.refusal}`
      : `its copy in the bucket waits to be deleted: ${reason}`;
    for (const { id } of copied) {
      const now = catalogue.segments.byId(id);
      const left = now === undefined ? 0 : copiesOf(now, settings.upload).length;
      if (left === 0) continue;
      done.leave(left);
      this.#keep(id, why, done);
    }
  }

  #keep(id: number, why: string, done: LossSum): void {
    const segment = this.#options.catalogue.segments.byId(id);
    if (segment !== undefined) done.keep(segment.stem, why);
  }

  #rules(): Rules {
    const { settings } = this.#options;
    return { policy: this.#policy, pins: pinsIn(settings.dataDir), upload: settings.upload };
  }

  #say({ device = NAMELESS_PIN, fromUs, toUs, by }: DeletionRequest, loss: Loss): void {
    const { segments, localBytes: bytes, remoteCopies, keptSegments } = loss;
    const [from, to] = [fromUs, toUs].map((us) => new Date(us / 1000).toISOString());
    const sums = { segments, bytes, remoteCopies, keptSegments };
    this.#options.tell("info", `recordings deleted by ${by}`, { device, from, to, ...sums });
  }
}

/** @returns whether it goes */
function count(segment: Segment, rules: Rules, sum: LossSum): boolean {
  const { goes, stays } = verdictOn(segment, rules);
  if (goes) sum.take(segment, copiesOf(segment, rules.upload).length);
  if (stays !== undefined) sum.keep(segment.stem, stays);
  return goes;
}

function pinsIn(dataDir: string): readonly Pin[] {
  try {
    return readPins(dataDir);
  } catch (error) {
    if (error instanceof ArchiveError) throw new Refused(error.message);
    throw error;
  }
}

async function answered(work: () => Promise<LossAnswer>): Promise<LossAnswer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refused) return { kind: "refused", message: error.message };
    throw error;
  }
}

// Events and retention go on meanwhile.
function breath(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
