import type { Catalogue } from "@audio/archive";
import { type BucketSums, bucketFolder, bucketMark, SegmentUpload, searchBucket } from "@audio/keeper";
import { createStore, type UploadSettings } from "@audio/upload";
import type { ConfigValues } from "../config/config-values.js";
import { uploadSettings } from "../config/receiver-settings.js";
import { bytesInWords, count } from "./in-words.js";
import { ProgressLine } from "./progress-line.js";

export interface BucketWork {
  readonly catalogue: Catalogue;
  readonly dataDir: string;
  readonly values: ConfigValues;
  readonly acceptMissing: boolean | undefined;
  readonly signal: AbortSignal;
}

/** What was found in which bucket. */
export interface BucketFound extends BucketSums {
  readonly bucket: string;
}

// Each object that is not known takes a round trip: where that is 50 ms, 16 at a time are 320 a second.
const CONCURRENCY = 16;

/**
 * The bucket that is to be looked into.
 * @param wanted undefined: the one to which is uploaded, if that is so
 * @throws ReceiverError `invalid-setting`
 */
export function bucketOf(values: ConfigValues, wanted: boolean | undefined): UploadSettings | undefined {
  if (wanted === false) return undefined;
  return uploadSettings({ ...values, s3Enabled: wanted ?? values.s3Enabled, catalogue: true });
}

/**
 * Brings the catalogue in line with the bucket.
 * @throws UploadError
 */
export async function reindexBucket(upload: UploadSettings, work: BucketWork): Promise<BucketFound> {
  const { catalogue, dataDir, values, acceptMissing, signal } = work;
  const store = createStore(upload.store);
  const progress = new ProgressLine();
  try {
    const sums = await searchBucket({
      ...{ catalogue, store, acceptMissing, signal, concurrency: CONCURRENCY, now: Date.now },
      uploads: new SegmentUpload({ upload, store, catalogue, dataDir, timezone: values.timezone }),
      prefix: bucketFolder(upload),
      onProgress: ({ objects, asked, added }) =>
        progress.show(`${count(objects, "object")} in ${store.bucket}, ${asked} asked about, ${added} new`),
    });
    catalogue.notes.setMark(bucketMark(upload), new Date().toISOString());
    return { bucket: store.bucket, ...sums };
  } finally {
    progress.clear();
    await store.close();
  }
}

/** Lines for people. */
export function bucketReport(found: BucketFound): string[] {
  const { bucket, objects, bytes, added, known, waiting, doubles, foreign, faults, gone, absent } = found;
  const lines = [
    `bucket ${bucket}: ${count(objects, "object")}, ${bytesInWords(bytes)}`,
    `       ${added} new, ${known} known, ${gone} gone`,
  ];
  const more = (n: number, text: string) => {
    if (n > 0) lines.push(`       ${n} ${text}`);
  };
  more(waiting, "whose file is here: compared and noted by the server, or by audio-receiver upload");
  more(foreign, "that are no recordings of a receiver");
  more(doubles, "that are second copies, or other recordings of a known name: left alone");
  more(faults, "of which the store says nothing");
  more(
    absent,
    "known ones of which not one is there: is this the right bucket? If they were removed: --accept-missing",
  );
  return lines;
}
