export type { BucketSums } from "./bucket/bucket-sums.js";
export { type BucketStatus, bucketFolder, bucketMark } from "./bucket/bucket-watch.js";
export { type BucketSearchOptions, searchBucket } from "./bucket/search-bucket.js";
export type { DeletionRequest, LossAnswer } from "./deletion/deletions.js";
export type { KeptSegment, Loss, Selection } from "./deletion/loss.js";
export { HookError, type HookErrorCode, type HookErrorDetails } from "./errors.js";
export type { KeeperEvent } from "./events.js";
export { deliver } from "./hooks/deliver.js";
export { type Delivery, deliveriesFor } from "./hooks/deliveries.js";
export type { DeliveryContext } from "./hooks/delivery-context.js";
export type {
  DiskHookEvent,
  GapHookEvent,
  HookEvent,
  SegmentHookEvent,
  StreamCloseHookEvent,
  StreamOpenHookEvent,
} from "./hooks/event.js";
export {
  type HookPayload,
  PAYLOAD_VERSION,
  type PayloadForm,
  type PayloadLevels,
  type PayloadSegment,
  type PayloadStream,
  type PayloadTimes,
} from "./hooks/payload.js";
export { isOutage, retryDelayMs } from "./hooks/retry.js";
export { checkSecrets } from "./hooks/secrets.js";
export {
  type CommandHook,
  HOOK_EVENTS,
  type Hook,
  type HookEventName,
  type WebhookHook,
} from "./hooks/settings.js";
export { type Keeper, type KeeperListener, openKeeper } from "./keeper.js";
export type { KeeperSettings } from "./keeper-settings.js";
export type { KeeperNote } from "./note.js";
export { type Deleted, deleteSegments, type Refusal } from "./retention/delete-segments.js";
export { type Forecast, hoursLeft, type MarkedForecast, markedForecast } from "./retention/forecast.js";
export { planRemovals, type Removal, type Shortage, type Situation } from "./retention/plan.js";
export {
  type DeviceRetention,
  isLimiting,
  type RetentionPolicy,
  type RetentionReason,
  type RetentionSettings,
  retentionPolicy,
} from "./retention/policy.js";
export type { RetentionStatus } from "./retention/retention.js";
export type { KeeperStatus, QueueStatus } from "./status.js";
export { type CompressContext, type CompressStep, compressStep } from "./steps/compress.js";
export { SegmentUpload, type SegmentUploadOptions, type UploadedForm } from "./steps/segment-upload.js";
export { type KeeperThread, type KeeperThreadOptions, startKeeper } from "./thread/start-keeper.js";
