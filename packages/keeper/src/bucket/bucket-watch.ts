import { createStore, type Store, UploadError, type UploadSettings } from "@audio/upload";
import type { KeeperContext } from "../context.js";
import { SegmentUpload } from "../steps/segment-upload.js";
import type { BucketSums } from "./bucket-sums.js";
import { searchBucket } from "./search-bucket.js";

/** How far the catalogue knows what is in the bucket. */
export interface BucketStatus {
  /** `due`: it waits for the search of the files, or for its next try. */
  readonly state: "due" | "running" | "complete";
  /** Why the last try failed. */
  readonly reason: string | undefined;
  /** Of the search that runs or ran last since the start. */
  readonly sums: BucketSums | undefined;
}

export interface BucketWatchOptions extends KeeperContext {
  readonly upload: UploadSettings;
  /** Whether everything on the disk is in the catalogue. */
  readonly isReady: () => boolean;
  readonly onTrouble: (error: unknown) => void;
}

const CONCURRENCY = 4;
// A million objects in a day: requests cost money, and uploading comes first.
const HEADS_PER_SECOND = 20;
const READY_AGAIN_MS = 1000;
const FIRST_AGAIN_MS = 60_000;
const LONGEST_AGAIN_MS = 3_600_000;

/** The mark of a bucket that was searched once. */
export function bucketMark({ store, prefix }: UploadSettings): string {
  return `bucket-searched ${store.url ?? ""} ${store.bucket}/${prefix}`;
}

/** The part of a bucket in which our objects are. */
export function bucketFolder({ prefix }: UploadSettings): string {
  return prefix === "" ? "" : `${prefix}/`;
}

/**
 * Searches the bucket once in the life of a catalogue, in the background: a catalogue that was lost knows again what is
 * stored there.
 */
export class BucketWatch {
  readonly #options: BucketWatchOptions;
  readonly #stop = new AbortController();
  readonly #store: Store;
  #status: BucketStatus = { state: "due", reason: undefined, sums: undefined };
  #timer: NodeJS.Timeout | undefined;
  #searching: Promise<void> | undefined;
  #againMs = FIRST_AGAIN_MS;

  constructor(options: BucketWatchOptions) {
    this.#options = options;
    this.#store = createStore(options.upload.store);
  }

  get status(): BucketStatus {
    return this.#status;
  }

  start(): void {
    const { catalogue, upload } = this.#options;
    if (catalogue.notes.mark(bucketMark(upload)) === undefined) this.#look();
    else this.#status = { ...this.#status, state: "complete" };
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.#searching;
    await this.#store.close();
  }

  #look(): void {
    if (this.#options.isReady()) this.#searching = this.#search();
    else this.#later(READY_AGAIN_MS);
  }

  #later(ms: number): void {
    if (!this.#stop.signal.aborted) this.#timer = setTimeout(() => this.#look(), ms);
  }

  async #search(): Promise<void> {
    const { catalogue, upload, settings, now, tell } = this.#options;
    const { dataDir, timezone } = settings;
    const store = this.#store;
    this.#status = { ...this.#status, state: "running" };
    try {
      const sums = await searchBucket({
        ...{ catalogue, store, now, signal: this.#stop.signal },
        uploads: new SegmentUpload({ upload, store, catalogue, dataDir, timezone }),
        prefix: bucketFolder(upload),
        concurrency: CONCURRENCY,
        headsPerSecond: HEADS_PER_SECOND,
        onProgress: (sums) => {
          this.#status = { ...this.#status, sums: { ...sums } };
        },
      });
      catalogue.notes.setMark(bucketMark(upload), new Date(now()).toISOString());
      this.#status = { state: "complete", reason: undefined, sums };
      const { objects, added, waiting, foreign, gone } = sums;
      tell(added + gone > 0 ? "info" : "debug", "the bucket was searched", {
        bucket: store.bucket,
        objects,
        added,
        waiting,
        foreign,
        gone,
      });
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (this.#stop.signal.aborted) return;
    const { tell, onTrouble } = this.#options;
    const { message: reason } = error as Error;
    const isNews = this.#status.reason === undefined;
    this.#status = { ...this.#status, state: "due", reason };
    if (!(error instanceof UploadError)) onTrouble(error);
    if (isNews) tell("warn", "the bucket cannot be searched, will be tried again", { reason });
    this.#later(this.#againMs);
    this.#againMs = Math.min(LONGEST_AGAIN_MS, this.#againMs * 2);
  }
}
