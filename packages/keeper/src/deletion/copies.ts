import type { Catalogue, Job, Segment, SegmentForm } from "@audio/archive";
import {
  createStore,
  parseSegmentMetadata,
  type Store,
  UploadError,
  type UploadSettings,
} from "@audio/upload";
import type { KeeperContext } from "../context.js";
import type { MessageStep } from "../queue/step.js";
import { isCommonUploadError, uploadRetryMs } from "../steps/upload.js";

/** Name of the queue of objects that are to be deleted. */
export const DELETE = "delete";

/** An object in the store, and what it is a copy of. */
interface Copy {
  readonly segmentId: number;
  readonly stem: string;
  readonly form: SegmentForm["form"];
  readonly key: string;
  readonly bytes: number;
}

/** Copies of a segment in the bucket to which this receiver uploads. */
export function copiesOf({ forms }: Segment, upload: UploadSettings | undefined): SegmentForm[] {
  return forms.filter(({ remote }) => remote !== undefined && remote.bucket === upload?.store.bucket);
}

/** They are deleted sooner or later, whatever happens. Within a transaction. */
export function queueCopies(
  { jobs }: Catalogue,
  segment: Segment,
  upload: UploadSettings | undefined,
  nowMs: number,
): void {
  for (const { form, bytes, remote } of copiesOf(segment, upload)) {
    const copy = { segmentId: segment.id, stem: segment.stem, form, key: remote?.key, bytes };
    jobs.add(DELETE, JSON.stringify(copy), nowMs);
  }
}

/** Deleting copies as a step. */
export interface CopiesStep extends MessageStep {
  /** Why the store did not let the last one be deleted; undefined: it was. */
  readonly refusal: string | undefined;
  close(): Promise<void>;
}

/** Deletes copies of recordings that somebody deleted. */
export function deleteCopiesStep(upload: UploadSettings, { catalogue, tell }: KeeperContext): CopiesStep {
  const store = createStore(upload.store);
  let refusal: string | undefined;
  return {
    name: DELETE,
    get refusal() {
      return refusal;
    },
    concurrency: upload.store.concurrency,
    async run({ payload }: Job, signal: AbortSignal) {
      const { segmentId, form, ...copy } = JSON.parse(payload as string) as Copy;
      const { key, stem } = copy;
      try {
        if (await isOurs(store, copy, signal)) await store.remove(key, signal);
        else tell("warn", "an object is not the copy that was uploaded: it is left alone", { key, stem });
        refusal = undefined;
        return () => catalogue.segments.removeRemote(segmentId, form, key);
      } catch (error) {
        if (!isForbidden(error)) throw error;
        const { message } = error;
        if (refusal === undefined) tell("warn", "copies of what was deleted stay", { reason: message });
        refusal = message;
        return undefined; // many a key is not to delete anything: who gives it the right, deletes them once more
      }
    },
    isCommon: isCommonUploadError,
    retryMs: uploadRetryMs,
    close: () => store.close(),
  };
}

function isForbidden(error: unknown): error is UploadError {
  return error instanceof UploadError && error.code === "access-denied";
}

// Nobody knows who else writes to the bucket.
async function isOurs(
  store: Store,
  { key, bytes, stem }: Pick<Copy, "key" | "bytes" | "stem">,
  signal: AbortSignal,
): Promise<boolean> {
  const found = await store.head(key, signal);
  if (found === undefined) return true; // gone already: to remove it again does no harm
  const stated = parseSegmentMetadata(found.metadata);
  return found.bytes === bytes && (stated === undefined || stated.stem === stem);
}
