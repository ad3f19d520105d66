import type { Segment } from "@audio/archive";
import {
  createStore,
  retryDelayMs,
  type Store,
  UploadError,
  type UploadErrorCode,
  type UploadSettings,
} from "@audio/upload";
import type { KeeperContext } from "../context.js";
import type { SegmentStep } from "../queue/step.js";
import { SegmentUpload } from "./segment-upload.js";

/** What uploading has done since the start. */
export interface UploadTotals {
  readonly objects: number;
  readonly bytes: number;
  /** Failures by code. */
  readonly errors: Readonly<Record<string, number>>;
  /** Why the last one failed, if nothing succeeded since. */
  readonly lastError: string | undefined;
}

/** Uploading as a step, and what it has done. */
export interface UploadStep extends SegmentStep {
  readonly totals: UploadTotals;
  close(): Promise<void>;
}

// A configuration that is wrong is wrong until somebody changes it, perhaps at the store: one try now and then.
const CONFIGURATION_MS = 15 * 60_000;
// Retries of what concerns one object alone.
const MOST_ATTEMPTS = 12;
const COMMON: readonly UploadErrorCode[] = ["unreachable", "timeout", "throttled", "store-failed"];
// A younger upload in parts may be under way, from another receiver too; or its next try goes on with it.
const ORPHAN_MS = 24 * 3_600_000;

/** Copies the audio, and the frames as received if wanted, to a store; the local files then go if they are to. */
export function uploadStep(upload: UploadSettings, context: KeeperContext): UploadStep {
  const store = createStore(upload.store);
  const { catalogue, settings } = context;
  const { dataDir, timezone } = settings;
  const segments = new SegmentUpload({ upload, store, catalogue, dataDir, timezone });
  const sums = new Sums();
  void abortOrphans(store, upload, context);
  return {
    name: "upload",
    concurrency: upload.store.concurrency,
    yields: true,
    wants: (segment) => segments.missing(segment).length > 0 || segments.removable(segment).length > 0,
    run: (segment, signal) => runUpload(segment, { segments, sums, context, signal }),
    isCommon: isCommonUploadError,
    retryMs(error, failures) {
      sums.failed(error);
      return uploadRetryMs(error, failures);
    },
    get totals() {
      return sums.totals;
    },
    close: () => store.close(),
  };
}

/** Whether whatever is asked of the store next would fail in the same way. */
export function isCommonUploadError(error: unknown): boolean {
  return error instanceof UploadError && (error.kind === "configuration" || COMMON.includes(error.code));
}

/** When to ask the store again after the n-th failure: milliseconds; undefined = never by itself. */
export function uploadRetryMs(error: unknown, failures: number): number | undefined {
  if (!(error instanceof UploadError)) return failures < MOST_ATTEMPTS ? 60_000 : undefined;
  if (error.kind === "configuration") return CONFIGURATION_MS;
  if (error.kind === "object" && failures >= MOST_ATTEMPTS) return undefined;
  return 1000 + retryDelayMs(failures, Math.random());
}

interface Run {
  readonly segments: SegmentUpload;
  readonly sums: Sums;
  readonly context: KeeperContext;
  readonly signal: AbortSignal;
}

async function runUpload(segment: Segment, { segments, sums, context, signal }: Run) {
  const { catalogue, tell } = context;
  for (const form of segments.missing(segment)) {
    const { path, bytes, key } = await segments.put(segment, form, { signal });
    sums.succeeded(bytes);
    tell("info", "segment uploaded", { path, key, bytes });
  }
  const now = catalogue.segments.byId(segment.id);
  const gone = now === undefined ? [] : await segments.removeLocal(now, signal);
  return () => {
    for (const form of gone) catalogue.segments.removeLocal(segment.id, form);
  };
}

/** Frees what uploads have left in the store that a crash cut off. */
async function abortOrphans(store: Store, { prefix }: UploadSettings, { tell, now }: KeeperContext) {
  const folder = prefix === "" ? "" : `${prefix}/`;
  try {
    for await (const { key } of store.abortOrphans(folder, new Date(now() - ORPHAN_MS)))
      tell("info", "an upload that was cut off is cleared away", { key });
  } catch (error) {
    tell("debug", "uploads that were cut off are not looked for", { reason: (error as Error).message });
  }
}

class Sums {
  #objects = 0;
  #bytes = 0;
  readonly #errors = new Map<string, number>();
  #lastError: string | undefined;

  get totals(): UploadTotals {
    const errors = Object.fromEntries(this.#errors);
    return { objects: this.#objects, bytes: this.#bytes, errors, lastError: this.#lastError };
  }

  succeeded(bytes: number): void {
    this.#objects++;
    this.#bytes += bytes;
    this.#lastError = undefined;
  }

  failed(error: unknown): void {
    const code = error instanceof UploadError ? error.code : "unexpected";
    this.#errors.set(code, (this.#errors.get(code) ?? 0) + 1);
    this.#lastError = (error as Error).message;
  }
}
