import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Form, Segment, SegmentForm } from "@audio/archive";
import { TimeZone } from "@audio/segments";
import {
  createStore,
  formatKey,
  retryDelayMs,
  type Store,
  segmentMetadata,
  UploadError,
  type UploadErrorCode,
  type UploadSettings,
} from "@audio/upload";
import type { KeeperContext } from "../context.js";
import type { SegmentStep } from "../queue/step.js";
import { localAudio, remoteAudio } from "./forms.js";

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
const COMMON: readonly UploadErrorCode[] = ["unreachable", "throttled", "store-failed"];

/** Copies the audio, and the frames as received if wanted, to a store; the local files then go if they are to. */
export function uploadStep(upload: UploadSettings, context: KeeperContext): UploadStep {
  const store = createStore(upload.store);
  const work = new Upload(upload, context, store);
  work.abortOrphans();
  return {
    name: "upload",
    concurrency: upload.store.concurrency,
    yields: true,
    wants: (segment) => work.missing(segment).length > 0 || work.removable(segment).length > 0,
    run: (segment, signal) => work.run(segment, signal),
    isCommon: isCommon,
    retryMs(error, failures) {
      work.count(error);
      if (!(error instanceof UploadError)) return failures < MOST_ATTEMPTS ? 60_000 : undefined;
      if (error.kind === "configuration") return CONFIGURATION_MS;
      if (error.kind === "object" && failures >= MOST_ATTEMPTS) return undefined;
      return 1000 + retryDelayMs(failures, Math.random());
    },
    get totals() {
      return work.totals;
    },
    close: () => store.close(),
  };
}

function isCommon(error: unknown): boolean {
  return error instanceof UploadError && (error.kind === "configuration" || COMMON.includes(error.code));
}

class Upload {
  readonly #upload: UploadSettings;
  readonly #context: KeeperContext;
  readonly #store: Store;
  readonly #zone: TimeZone;
  #objects = 0;
  #bytes = 0;
  readonly #errors = new Map<string, number>();
  #lastError: string | undefined;

  constructor(upload: UploadSettings, context: KeeperContext, store: Store) {
    this.#upload = upload;
    this.#context = context;
    this.#store = store;
    this.#zone = new TimeZone(context.settings.timezone);
  }

  get totals(): UploadTotals {
    const errors = Object.fromEntries(this.#errors);
    return { objects: this.#objects, bytes: this.#bytes, errors, lastError: this.#lastError };
  }

  /** Local forms that should be in the store and are not. */
  missing(segment: Segment): SegmentForm[] {
    const audio = this.#upload.audio && remoteAudio(segment) === undefined ? localAudio(segment) : undefined;
    const isMissing = ({ form, local, remote }: SegmentForm) =>
      form === "bin" && local && remote === undefined;
    const bin = this.#upload.bin ? segment.forms.find(isMissing) : undefined;
    return [audio, bin].filter((form) => form !== undefined);
  }

  /** Local forms whose content is in the store, and that are to go. */
  removable(segment: Segment): Form[] {
    if (!this.#upload.removeLocal) return [];
    const isSafe = ({ form, remote }: SegmentForm) =>
      form === "bin" ? remote !== undefined : remoteAudio(segment) !== undefined;
    return segment.forms.filter((form) => form.local && isSafe(form)).map(({ form }) => form);
  }

  async run(segment: Segment, signal: AbortSignal) {
    const { segments } = this.#context.catalogue;
    for (const form of this.missing(segment)) await this.#put(segment, form, signal);
    const gone = this.removable(segments.byId(segment.id) ?? segment);
    const { dataDir } = this.#context.settings;
    for (const form of gone) await rm(join(dataDir, `${segment.stem}.${form}`), { force: true });
    return () => {
      for (const form of gone) segments.removeLocal(segment.id, form);
    };
  }

  count(error: unknown): void {
    const code = error instanceof UploadError ? error.code : "unexpected";
    this.#errors.set(code, (this.#errors.get(code) ?? 0) + 1);
    this.#lastError = (error as Error).message;
  }

  /** Frees what uploads have left in the store that a crash cut off. */
  async abortOrphans(): Promise<void> {
    const { tell } = this.#context;
    try {
      for await (const { key } of this.#store.abortOrphans(this.#upload.prefix, new Date()))
        tell("info", "an upload that was cut off is cleared away", { key });
    } catch (error) {
      tell("debug", "uploads that were cut off are not looked for", { reason: (error as Error).message });
    }
  }

  async #put(segment: Segment, { form, bytes }: SegmentForm, signal: AbortSignal): Promise<void> {
    const { catalogue, settings, now, tell } = this.#context;
    const path = `${segment.stem}.${form}`;
    const key = this.#keyOf(segment, path);
    const metadata = segmentMetadata(segment);
    const stored = await this.#store.put(join(settings.dataDir, path), key, metadata, { signal });
    const { bucket } = this.#store;
    catalogue.segments.setRemote(segment.id, form, bytes, {
      bucket,
      key: stored.key,
      verifiedUs: now() * 1000,
    });
    this.#objects++;
    this.#bytes += bytes;
    this.#lastError = undefined;
    tell("info", "segment uploaded", { path, bucket, key: stored.key, bytes });
  }

  #keyOf(segment: Segment, path: string): string {
    const { prefix, key, keyPcm } = this.#upload;
    const isPcm = segment.source === "tcp" || segment.source === "udp";
    return formatKey(isPcm ? keyPcm : key, { ...segment, prefix, path }, this.#zone);
  }
}
