import type { Catalogue, KnownObject } from "@audio/archive";
import type { ListedObject, Store } from "@audio/upload";
import type { SegmentUpload } from "../steps/segment-upload.js";
import { Asking } from "./asking.js";
import type { BucketSums } from "./bucket-sums.js";
import { enterObject, formOfKey } from "./enter-object.js";
import { expectedKeys } from "./expected-keys.js";

/** What a search of the store for unknown segments needs. */
export interface BucketSearchOptions {
  readonly catalogue: Catalogue;
  readonly store: Pick<Store, "bucket" | "list" | "head">;
  /** Says under which keys the files here would be. */
  readonly uploads: Pick<SegmentUpload, "keyOf" | "missing">;
  /** Objects whose key begins so. */
  readonly prefix: string;
  /** Objects that are asked about at a time. */
  readonly concurrency: number;
  /** At most so many, on the whole. */
  readonly headsPerSecond?: number;
  /** What is not there is gone, even if nothing that was known is there. */
  readonly acceptMissing?: boolean;
  readonly signal?: AbortSignal;
  /** Called every so many objects with the sums so far. */
  readonly onProgress?: (sums: BucketSums) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

type Search = BucketSearchOptions & {
  readonly sums: BucketSums;
  readonly expected: ReadonlyMap<string, number>;
  readonly missing: KnownObject[];
  readonly asking: Asking;
};

// One transaction of some 10 ms, and so much is done anew after a crash.
const AT_ONCE = 200;
// More of them wait for the next search: memory is bounded.
const MOST_MISSING = 100_000;

/**
 * Brings the catalogue in line with a bucket: what is there of ours and unknown comes in, from its metadata; what is not
 * there counts as stored no more, once all was listed. A thousand objects cost a request, and one that is not known a
 * request of its own. Nothing is written to the bucket, and no file here goes because of what is found. May run beside
 * uploads; can be broken off at any moment, and the next search asks for nothing twice that came into the catalogue.
 * @throws UploadError; the signal's reason
 */
export async function searchBucket(options: BucketSearchOptions): Promise<BucketSums> {
  const { catalogue, store, uploads, prefix, signal, onProgress } = options;
  const sums: BucketSums = { ...NOTHING };
  const expected = await expectedKeys(catalogue, uploads, signal);
  const search: Search = { ...options, sums, expected, missing: [], asking: new Asking(options, sums) };
  let after: string | undefined;
  let some: ListedObject[] = [];
  const take = async (upTo: string | undefined) => {
    await takeSome(search, some);
    noteMissing(search, some, after, upTo);
    after = upTo;
    some = [];
    onProgress?.(sums);
  };
  for await (const object of store.list(prefix, signal)) {
    some.push(object);
    if (some.length >= AT_ONCE) await take(object.key);
  }
  await take(undefined);
  await dropMissing(search);
  onProgress?.(sums);
  return sums;
}

const NOTHING: BucketSums = {
  objects: 0,
  bytes: 0,
  known: 0,
  asked: 0,
  added: 0,
  addedSegments: 0,
  waiting: 0,
  doubles: 0,
  foreign: 0,
  faults: 0,
  gone: 0,
  absent: 0,
};

async function takeSome(search: Search, objects: readonly ListedObject[]): Promise<void> {
  const { catalogue, store, sums, asking } = search;
  const unknown: ListedObject[] = [];
  for (const object of objects) {
    sums.objects++;
    sums.bytes += object.bytes;
    if (catalogue.objects.byKey(store.bucket, object.key)?.bytes === object.bytes) sums.known++;
    else if (formOfKey(object.key) === undefined) sums.foreign++;
    else if (!isExpected(search, object.key)) unknown.push(object);
  }
  const infos = await asking.all(unknown);
  catalogue.transaction(() => {
    for (const info of infos.values()) if (info !== undefined) enterObject(info, search);
  });
  await asking.rest();
}

/** The object of a file that is here: uploading asks for it anyway, and can compare it. */
function isExpected({ catalogue, expected, sums, now }: Search, key: string): boolean {
  const id = expected.get(key);
  if (id === undefined) return false;
  sums.waiting++;
  catalogue.jobs.addFor(id, "upload", now(), now(), true);
  return true;
}

// What was uploaded while the page was on its way is not in it either: `dropMissing` asks again.
function noteMissing(
  { catalogue, store, prefix, missing }: Search,
  listed: readonly ListedObject[],
  after: string | undefined,
  upTo: string | undefined,
): void {
  const there = new Set(listed.map(({ key }) => key));
  let from = after;
  for (;;) {
    const page = catalogue.objects.list({ bucket: store.bucket, prefix, after: from, upTo, limit: AT_ONCE });
    for (const known of page) if (!there.has(known.key) && missing.length < MOST_MISSING) missing.push(known);
    if (page.length < AT_ONCE || missing.length >= MOST_MISSING) return;
    from = page.at(-1)?.key;
  }
}

async function dropMissing(search: Search): Promise<void> {
  const { catalogue, sums, missing, asking, acceptMissing } = search;
  if (missing.length > 0 && sums.known === 0 && !acceptMissing) {
    sums.absent = missing.length;
    return;
  }
  for (let at = 0; at < missing.length; at += AT_ONCE) {
    const some = missing.slice(at, at + AT_ONCE);
    const infos = await asking.all(some);
    catalogue.transaction(() => {
      for (const known of some)
        if (infos.has(known.key) && infos.get(known.key) === undefined) drop(search, known);
    });
    await asking.rest();
  }
}

function drop({ catalogue, uploads, sums, now }: Search, { segmentId, form, key }: KnownObject): void {
  sums.gone++;
  catalogue.segments.removeRemote(segmentId, form, key);
  const left = catalogue.segments.byId(segmentId);
  if (left !== undefined && uploads.missing(left).length > 0)
    catalogue.jobs.addFor(segmentId, "upload", now(), now(), true);
}
