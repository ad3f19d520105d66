import { setTimeout as sleep } from "node:timers/promises";
import type { Catalogue, Segment, SegmentForm, SegmentQuery } from "@audio/archive";
import type { SegmentUpload, UploadedForm } from "@audio/keeper";
import { retryDelayMs, UploadError } from "@audio/upload";

/** A file that is to be uploaded. */
export interface WaitingForm {
  readonly segment: Segment;
  readonly form: SegmentForm;
}

export interface BacklogOptions {
  readonly catalogue: Catalogue;
  readonly uploads: SegmentUpload;
  /** Files at a time. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly onUploaded: (waiting: WaitingForm, form: UploadedForm) => void;
  /** For reasons that concern this file alone. */
  readonly onFailed: (waiting: WaitingForm, error: UploadError) => void;
  /** Bytes of a file that are there by now. */
  readonly onProgress: (waiting: WaitingForm, bytes: number) => void;
}

const TRIES = 5;

/** What is not in the store yet, the latest first: a server that runs beside begins with the earliest. */
export function* waitingForms(
  catalogue: Catalogue,
  uploads: SegmentUpload,
  query: Omit<SegmentQuery, "after" | "limit" | "descending">,
): Generator<WaitingForm> {
  for (const segment of catalogue.segments.each({ ...query, descending: true }))
    for (const form of uploads.missing(segment)) yield { segment, form };
}

/**
 * Uploads what waits. A file that fails does not hold up the others.
 * @throws UploadError for what would fail every other file too: wrong settings, an outage that lasts
 */
export async function uploadBacklog(waiting: Iterable<WaitingForm>, options: BacklogOptions): Promise<void> {
  const files = waiting[Symbol.iterator]();
  let fault: unknown;
  const lane = async () => {
    for (let next = files.next(); fault === undefined && !next.done; next = files.next()) {
      try {
        await uploadOne(next.value, options);
      } catch (error) {
        fault ??= error;
      }
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, lane));
  if (fault !== undefined) throw fault;
}

async function uploadOne(waiting: WaitingForm, options: BacklogOptions): Promise<void> {
  const { catalogue, uploads, signal, onUploaded, onFailed } = options;
  const segment = catalogue.segments.byId(waiting.segment.id);
  const form = segment && uploads.missing(segment).find((found) => found.form === waiting.form.form);
  if (segment === undefined || form === undefined) return; // done or deleted by a server meanwhile
  try {
    onUploaded(
      waiting,
      await persistently(() => uploads.put(segment, form, putOptions(waiting, options)), signal),
    );
  } catch (error) {
    if (!(error instanceof UploadError) || !concernsOne(error)) throw error;
    onFailed(waiting, error);
    return;
  }
  const now = catalogue.segments.byId(segment.id);
  const gone = now === undefined ? [] : await uploads.removeLocal(now, signal);
  catalogue.transaction(() => {
    for (const form of gone) catalogue.segments.removeLocal(segment.id, form);
  });
}

function putOptions(waiting: WaitingForm, { signal, onProgress }: BacklogOptions) {
  return { signal, onProgress: (bytes: number) => onProgress(waiting, bytes) };
}

function concernsOne({ kind, code }: UploadError): boolean {
  return kind === "object" || code === "corrupted" || code === "store-failed";
}

async function persistently<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof UploadError) || error.kind !== "transient" || tries === TRIES) throw error;
      await sleep(retryDelayMs(tries + 1, Math.random()), undefined, { signal });
    }
  }
}
