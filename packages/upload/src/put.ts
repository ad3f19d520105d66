import { contentTypeOf } from "./content-type.js";
import { partBytesFor } from "./digest.js";
import { UploadError } from "./errors.js";
import { numberedKey } from "./key-template.js";
import { FileMatcher } from "./matching.js";
import { formatMetadata, type ObjectMetadata } from "./metadata.js";
import { sendMultipart } from "./multipart.js";
import { headObject, type ObjectInfo, OWN_METADATA } from "./object-info.js";
import type { Sending, Transfer } from "./send.js";
import { sendSingle } from "./single.js";
import { SourceFile } from "./source-file.js";

/** How a file is stored. */
export interface PutOptions {
  /** Ends the transfer within a second. */
  readonly signal?: AbortSignal;
  /** Told of the bytes that are there by now; fewer again when a part has to be sent anew. */
  readonly onProgress?: (bytes: number) => void;
}

/** An object whose content was verified. */
export interface StoredObject {
  readonly bucket: string;
  readonly key: string;
  readonly bytes: number;
  readonly etag: string;
  /** UTC, microseconds since the epoch, of the verification. */
  readonly verifiedUs: number;
  /** False: the same content was there already, nothing was sent. */
  readonly sent: boolean;
}

interface Verifying {
  readonly path: string;
  readonly key: string;
  readonly signal?: AbortSignal;
}

interface Putting extends Verifying, PutOptions {
  readonly metadata: ObjectMetadata;
}

// So many objects of other content under one name are no coincidence but a wrong key template.
const MOST_NUMBERS = 99;

/**
 * Uploads a file under the first of `key`, `key_2`, … that is free or holds the same, and verifies it.
 * @throws UploadError; RangeError for metadata that no store takes
 */
export function putFile(sending: Sending, putting: Putting): Promise<StoredObject> {
  const metadata = formatMetadata(putting.metadata);
  return withMatcher(sending, putting, async (matcher) => {
    for (let n = 1; n <= MOST_NUMBERS; n++) {
      const stored = await putUnder(numberedKey(putting.key, n), { sending, putting, metadata, matcher });
      if (stored !== undefined) return stored;
    }
    const found = `${putting.key} and its ${MOST_NUMBERS - 1} numbers hold other recordings`;
    throw new UploadError(
      "key-taken",
      `${found}: make the key template (S3_KEY, S3_KEY_PCM) tell them apart`,
    );
  });
}

/**
 * The object that holds a file's content already.
 * @throws UploadError
 */
export function verifyFile(sending: Sending, verifying: Verifying): Promise<StoredObject | undefined> {
  const { key, signal } = verifying;
  return withMatcher(sending, verifying, async (matcher) => {
    for (let n = 1; n <= MOST_NUMBERS; n++) {
      const found = await headObject(sending, numberedKey(key, n), signal);
      if (found === undefined) return undefined;
      if ((await matcher.match(found)) === "same") return stored(sending, found, false);
    }
    return undefined;
  });
}

async function withMatcher<T>(
  sending: Sending,
  { path, signal }: Verifying,
  work: (matcher: FileMatcher) => Promise<T>,
): Promise<T> {
  const file = await SourceFile.open(path);
  try {
    return await work(
      new FileMatcher(file, partBytesFor(file.size, sending.settings.partBytes), sending, signal),
    );
  } catch (error) {
    if (signal?.aborted && !(error instanceof UploadError))
      throw new UploadError("aborted", `uploading ${path}: stopped`, { cause: error });
    throw error;
  } finally {
    await file.close();
  }
}

interface UnderWay {
  readonly sending: Sending;
  readonly putting: Putting;
  /** Header values. */
  readonly metadata: Record<string, string>;
  readonly matcher: FileMatcher;
}

/** Undefined: the key is another recording's. */
async function putUnder(key: string, underWay: UnderWay): Promise<StoredObject | undefined> {
  const { sending, putting, matcher } = underWay;
  const found = await headObject(sending, key, putting.signal);
  const match = found === undefined ? "free" : await matcher.match(found);
  if (match === "same") return stored(sending, found as ObjectInfo, false);
  if (match === "other") return undefined;
  await send(key, found?.etag, underWay); // when it was taken meanwhile, what is there tells by whom
  const now = await headObject(sending, key, putting.signal);
  if (now === undefined) throw new UploadError("corrupted", `${key} is not there after its upload`);
  const outcome = await matcher.match(now);
  if (outcome === "same") return stored(sending, now, true);
  if (outcome === "other") return undefined;
  throw new UploadError("corrupted", `${key} has other content than was sent: the store changed it`);
}

async function send(key: string, replaces: string | undefined, underWay: UnderWay): Promise<void> {
  const { sending, putting, metadata, matcher } = underWay;
  const { file } = matcher;
  const digest = await matcher.digest();
  const { signal, onProgress } = putting;
  let sentBytes = 0;
  const transfer: Transfer = {
    file,
    digest,
    key,
    contentType: contentTypeOf(key),
    metadata: {
      ...metadata,
      [OWN_METADATA.sha256]: digest.sha256,
      [OWN_METADATA.partBytes]: String(digest.partBytes),
    },
    replaces,
    signal,
    onSent: (bytes) => {
      sentBytes += bytes;
      onProgress?.(sentBytes);
    },
  };
  await (digest.parts.length === 1 ? sendSingle(sending, transfer) : sendMultipart(sending, transfer));
}

function stored({ settings }: Sending, { key, bytes, etag }: ObjectInfo, sent: boolean): StoredObject {
  return { bucket: settings.bucket, key, bytes, etag, verifiedUs: Date.now() * 1000, sent };
}
