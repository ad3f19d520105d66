import type { Catalogue, FormUsage, QueueLength } from "@audio/archive";
import type { CompressionTotals } from "@audio/compress";
import type { BucketStatus, BucketWatch } from "./bucket/bucket-watch.js";
import type { FileSearch, SearchStatus } from "./file-search.js";
import type { Pipeline } from "./pipeline.js";
import type { Retention, RetentionStatus } from "./retention/retention.js";
import type { CompressStep } from "./steps/compress.js";
import type { UploadStep, UploadTotals } from "./steps/upload.js";

/** How the work after the segments stands. Plain values, to be shown, counted or sent. */
export interface KeeperStatus {
  /** One for each step that is in use or has work left, by name: `measure`, `compress`, `upload`, `tell`, `hook:NAME`. */
  readonly queues: readonly QueueStatus[];
  readonly catalogue: {
    readonly usage: readonly FormUsage[];
  };
  /** How far the catalogue agrees with the files. */
  readonly search: SearchStatus;
  /** How far it knows what is in the bucket; undefined = nothing is uploaded. */
  readonly bucket: BucketStatus | undefined;
  /** Since the start; undefined = not configured. */
  readonly compression: CompressionTotals | undefined;
  readonly upload: UploadTotals | undefined;
  readonly retention: RetentionStatus;
}

export interface QueueStatus extends QueueLength {
  /** Being done now. */
  readonly running: number;
  /** The whole queue waits for a reason that is none of its jobs': a wrong secret, an outage. */
  readonly isWaiting: boolean;
  /** Jobs done, and attempts that failed, since the start of the keeper's thread. */
  readonly completed: number;
  readonly failures: number;
}

/** Gathers it. */
export function statusOf(
  { jobs, devices }: Catalogue,
  { pipeline, search, bucket, retention, compress, upload }: Parts,
): KeeperStatus {
  const { runners } = pipeline;
  const lengths = new Map(jobs.lengths().map((length) => [length.step, length]));
  const steps = [...new Set([...runners.keys(), ...lengths.keys()])];
  const queues = steps.map((step) => ({
    ...(lengths.get(step) ?? { step, waiting: 0, oldestMs: null, givenUp: 0, failing: 0 }),
    running: runners.get(step)?.running ?? 0,
    isWaiting: runners.get(step)?.isWaiting ?? false,
    completed: runners.get(step)?.completed ?? 0,
    failures: runners.get(step)?.failures ?? 0,
  }));
  return {
    queues,
    catalogue: { usage: devices.usage() },
    search: search.status,
    bucket: bucket?.status,
    compression: compress?.totals,
    upload: upload?.totals,
    retention: retention.status,
  };
}

interface Parts {
  readonly pipeline: Pick<Pipeline, "runners">;
  readonly search: Pick<FileSearch, "status">;
  readonly bucket: Pick<BucketWatch, "status"> | undefined;
  readonly retention: Pick<Retention, "status">;
  readonly compress: CompressStep | undefined;
  readonly upload: UploadStep | undefined;
}
