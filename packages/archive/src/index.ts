export {
  type Archive,
  type ArchiveListener,
  type ArchiveOptions,
  openArchive,
  type RecordOptions,
} from "./archive.js";
export { type Clock, systemClock } from "./clock.js";
export { lockDataDir } from "./data-dir-lock.js";
export type { DiskTrouble, DiskWatch } from "./disk-watch.js";
export { ArchiveError, type ArchiveErrorCode } from "./errors.js";
export type {
  GapEvent,
  RecorderListener,
  SegmentComplete,
  SegmentFailed,
  SegmentOpen,
  Source,
  StreamInfo,
} from "./events.js";
export { type FileSystem, systemFs } from "./file-system.js";
export { type GapQuery, queryGaps } from "./gap-query.js";
export type { GapRecord } from "./gap-record.js";
export { type RecoveredFile, recoverParts } from "./recovery.js";
export { SYNC_POLICIES, type SyncPolicy } from "./segment-store.js";
export type { StreamRecorder } from "./stream-recorder.js";
