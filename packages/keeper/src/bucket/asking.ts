import { setTimeout as sleep } from "node:timers/promises";
import { type ObjectInfo, type Store, UploadError } from "@audio/upload";
import type { BucketSums } from "./bucket-sums.js";

export interface AskingOptions {
  readonly store: Pick<Store, "head">;
  readonly concurrency: number;
  readonly headsPerSecond?: number;
  readonly signal?: AbortSignal;
}

/** Asks a store about single objects, some at a time and not too many a second. */
export class Asking {
  readonly #options: AskingOptions;
  readonly #sums: BucketSums;
  #sinceMs = performance.now();
  #count = 0;

  constructor(options: AskingOptions, sums: BucketSums) {
    this.#options = options;
    this.#sums = sums;
  }

  /**
   * What the store says of each; undefined: it is not there. Those of which it does not say it are left out.
   * @throws UploadError, the signal's reason
   */
  async all(objects: readonly { readonly key: string }[]): Promise<Map<string, ObjectInfo | undefined>> {
    const infos = new Map<string, ObjectInfo | undefined>();
    const queue = objects[Symbol.iterator]();
    let fault: unknown;
    const lane = async () => {
      for (let next = queue.next(); fault === undefined && !next.done; next = queue.next()) {
        try {
          await this.#one(next.value.key, infos);
        } catch (error) {
          fault ??= error;
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.#options.concurrency, objects.length) }, lane));
    if (fault !== undefined) throw fault;
    return infos;
  }

  /** Waits as long as the pace demands. */
  async rest(): Promise<void> {
    const { headsPerSecond = Number.POSITIVE_INFINITY, signal } = this.#options;
    const dueMs = (this.#count * 1000) / headsPerSecond - (performance.now() - this.#sinceMs);
    if (dueMs >= 1) await sleep(dueMs, undefined, { signal });
    this.#count = 0;
    this.#sinceMs = performance.now();
  }

  async #one(key: string, infos: Map<string, ObjectInfo | undefined>): Promise<void> {
    const { store, signal } = this.#options;
    const sums = this.#sums;
    this.#count++;
    try {
      infos.set(key, await store.head(key, signal));
      sums.asked++;
    } catch (error) {
      if (error instanceof RangeError)
        sums.foreign++; // a key that we never make
      else if (isOfOne(error) && sums.asked > 0) sums.faults++;
      else throw error;
    }
  }
}

// An object may have rights of its own. When not one can be asked about, it is the settings.
function isOfOne(error: unknown): boolean {
  return error instanceof UploadError && error.kind !== "transient" && error.code !== "aborted";
}
