export { retryDelayMs } from "./backoff.js";
export { UploadError, type UploadErrorCode, type UploadErrorKind } from "./errors.js";
export type { ListedGap } from "./gap-list.js";
export {
  DEFAULT_KEYS,
  formatKey,
  type KeyFields,
  type KeyTemplate,
  keyTemplateFault,
} from "./key-template.js";
export type { ListedObject } from "./list.js";
export {
  type ObjectMetadata,
  parseSegmentMetadata,
  type SegmentMetadata,
  segmentMetadata,
} from "./metadata.js";
export type { ObjectInfo } from "./object-info.js";
export type { PutOptions, StoredObject } from "./put.js";
export type { ObjectRead, ReadOptions } from "./read.js";
export { resolveUpload } from "./resolve.js";
export { createStore, type Store } from "./store.js";
export type { StoreCredentials, StoreSettings, UploadSettings } from "./store-settings.js";
export type { UnfinishedUpload } from "./unfinished.js";
export type { UploadValues } from "./values.js";
