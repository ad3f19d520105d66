import { limitBandwidth } from "./bandwidth.js";
import { UploadError } from "./errors.js";
import { checkedKey } from "./key-template.js";
import { Link } from "./link.js";
import { type ListedObject, listObjects } from "./list.js";
import type { ObjectMetadata } from "./metadata.js";
import { headObject, type ObjectInfo } from "./object-info.js";
import { type PutOptions, putFile, type StoredObject, verifyFile } from "./put.js";
import { type ObjectRead, type ReadOptions, readObject } from "./read.js";
import { removeObject } from "./remove.js";
import type { Sending } from "./send.js";
import type { StoreSettings } from "./store-settings.js";
import { Turns } from "./turns.js";
import { abortOrphans, type UnfinishedUpload } from "./unfinished.js";

/** A bucket at an S3 store. All of its functions reject with an UploadError, but for a caller's mistakes. */
export interface Store {
  readonly bucket: string;
  /** The bucket can be reached and its objects listed. */
  check(signal?: AbortSignal): Promise<void>;
  /**
   * Uploads a file and verifies what is there then. The same content under the key already: done. Other content
   * stays, and the file goes to `name_2`, `name_3`, … instead.
   */
  put(path: string, key: string, metadata?: ObjectMetadata, options?: PutOptions): Promise<StoredObject>;
  /** The object that holds a file's content, under this key or its numbers; undefined: there is none. */
  verify(path: string, key: string, signal?: AbortSignal): Promise<StoredObject | undefined>;
  /** What is known of an object without its bytes; undefined: there is none. */
  head(key: string, signal?: AbortSignal): Promise<ObjectInfo | undefined>;
  /** @throws UploadError `no-object`; RangeError when the object has no such bytes */
  read(key: string, options?: ReadOptions): Promise<ObjectRead>;
  /** Deletes an object; one that is gone already is fine. */
  remove(key: string, signal?: AbortSignal): Promise<void>;
  /** Objects whose key begins so, in order of key. */
  list(prefix: string, signal?: AbortSignal): AsyncGenerator<ListedObject>;
  /** Frees the parts of uploads whose key begins so and that were begun before a time; yields each. */
  abortOrphans(prefix: string, begunBefore: Date, signal?: AbortSignal): AsyncGenerator<UnfinishedUpload>;
  /** Closes idle connections. */
  close(): Promise<void>;
}

/** A store by its settings. Connects, and loads the AWS SDK, when first used. */
export function createStore(settings: StoreSettings): Store {
  const link = new Link(settings);
  const sending: Sending = {
    link,
    settings,
    bandwidth: limitBandwidth(settings.bytesPerSecond),
    turns: new Turns(settings.concurrency),
    conditional: true,
  };
  return {
    bucket: settings.bucket,
    check: (signal) => checkBucket(sending, signal),
    put: async (path, key, metadata = {}, options = {}) =>
      putFile(sending, { path, key: checkedKey(key), metadata, ...options }),
    verify: async (path, key, signal) => verifyFile(sending, { path, key: checkedKey(key), signal }),
    head: async (key, signal) => headObject(sending, checkedKey(key), signal),
    read: async (key, options = {}) => readObject(sending, checkedKey(key), options),
    remove: async (key, signal) => removeObject(sending, checkedKey(key), signal),
    list: (prefix, signal) => listObjects(sending, prefix, signal),
    abortOrphans: (prefix, begunBefore, signal) => abortOrphans(sending, prefix, begunBefore, signal),
    close: () => link.close(),
  };
}

// Asks for one object of a list, not for the bucket's head: that has no body, so it could not say what is wrong.
async function checkBucket({ link, settings }: Sending, signal: AbortSignal | undefined): Promise<void> {
  const { bucket: Bucket, url } = settings;
  const what = `bucket ${Bucket}`;
  const page = await link.request(what, signal, ({ sdk, send, signal: abortSignal }) =>
    send(new sdk.ListObjectsV2Command({ Bucket, MaxKeys: 1 }), { abortSignal }),
  );
  if (page.Name !== undefined || page.IsTruncated !== undefined) return;
  throw new UploadError(
    "bad-endpoint",
    `${what}: ${url} answers, but not as an S3 store: check S3_SERVICE_URL`,
  );
}
