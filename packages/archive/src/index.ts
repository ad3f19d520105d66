export {
  type Archive,
  type ArchiveListener,
  type ArchiveOptions,
  openArchive,
  type RecordOptions,
} from "./archive.js";
export { Catalogue, openCatalogue } from "./catalogue/catalogue.js";
export type { Connection, ConnectionQuery } from "./catalogue/connections.js";
export { CATALOGUE_FILE, isBroken, setAsideDatabase } from "./catalogue/database.js";
export type { DeviceSummary, FormUsage } from "./catalogue/devices.js";
export type { CataloguedGapQuery, GapTotal } from "./catalogue/gaps.js";
export type { Job, QueueLength } from "./catalogue/jobs.js";
export type { KnownFiles, KnownForm, KnownSegment } from "./catalogue/known-files.js";
export type { KnownObject, KnownObjectQuery } from "./catalogue/known-objects.js";
export type {
  LocalSegment,
  LocalSegmentQuery,
  LocalSegments,
  LocalUsage,
} from "./catalogue/local-segments.js";
export { plausibleFacts, type StatedFacts } from "./catalogue/plausible-facts.js";
export {
  FORMS,
  type Form,
  type RemoteCopy,
  type Segment,
  type SegmentFacts,
  type SegmentForm,
  segmentEndUs,
} from "./catalogue/segment.js";
export type { LocalForm, SegmentQuery, SegmentTrack } from "./catalogue/segments.js";
export type { SoundEvent, SoundQuery } from "./catalogue/sounds.js";
export type { DeviceLevels, DeviceStatistics } from "./catalogue/statistics.js";
export { type Clock, systemClock } from "./clock.js";
export { changeFile, type FileChange } from "./disk/change-file.js";
export { dataDirHolder, lockDataDir } from "./disk/data-dir-lock.js";
export type { DiskTrouble, DiskWatch } from "./disk/disk-watch.js";
export { DURATION_BOUNDS, Durations } from "./disk/durations.js";
export { type FileSystem, systemFs } from "./disk/file-system.js";
export type { DiskTimings } from "./disk/timed-fs.js";
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
export { type GapQuery, queryGaps } from "./gaps/gap-query.js";
export type { GapRecord } from "./gaps/gap-record.js";
export type { AcknowledgedSession, Progress } from "./journal/acknowledged-session.js";
export type { SessionFormat } from "./journal/records.js";
export { LastingThread, type LastingThreadOptions, type ThreadNote } from "./lasting-thread.js";
export { CARDS, type Card } from "./marks/cards.js";
export { type MarkKind, Marks } from "./marks/mark-file.js";
export { NOTES, type Note } from "./marks/notes.js";
export { changePins, MOST_PINS, NAMELESS_PIN, PINS, PINS_FILE, type Pin, readPins } from "./marks/pins.js";
export {
  type AudioPiece,
  type Piece,
  type PlayFormat,
  planRange,
  type RangePlan,
  type RangeQuery,
  type SilencePiece,
} from "./playback/plan.js";
export { planDevice } from "./playback/plan-device.js";
export { pieceAt, type ReadOptions, readRange } from "./playback/read-range.js";
export type { AudioSources, DecodeAudio, DecodeRequest, OpenRemote, ReadNote } from "./playback/sources.js";
export type { StreamLeftOut } from "./playback/streams.js";
export { JOIN_TOLERANCE_US } from "./playback/tape.js";
export { openVirtualWav, type VirtualWav } from "./playback/virtual-wav.js";
export { type ArchiveReader, type ArchiveReaderOptions, openArchiveReader } from "./reader/archive-reader.js";
export type { RangeReport, TimeRange } from "./reader/days.js";
export type { LevelsQuery, LiveTrack } from "./reader/levels.js";
export {
  type ArchiveQuestions,
  QUESTIONS,
  type QuestionName,
  type StretchQuery,
} from "./reader/questions.js";
export { coarseStretches, mergeStretches, type Place, type Stretch } from "./reader/stretches.js";
export type { Totals, TotalsQuery } from "./reader/totals.js";
export type { GrowingSegment } from "./recording/growing-segment.js";
export { placeSegment, type ReadySegment } from "./recording/place-segment.js";
export { SYNC_POLICIES, type SyncPolicy } from "./recording/segment-store.js";
export type { StreamRecorder } from "./recording/stream-recorder.js";
export { readWholeFrames, type WholeFrames } from "./recovery/bin-prefix.js";
export { deviceKey, type Heard, HeardDevices } from "./recovery/heard-devices.js";
export { type Past, recoverDataDir } from "./recovery/past.js";
export { type RecoveredFile, recoverParts } from "./recovery/recovery.js";
export type { AudioTags, ReadTags } from "./scan/audio-facts.js";
export type { BinFormat } from "./scan/bin-facts.js";
export { ingestLedger, type LedgerOptions, type LedgerSums } from "./scan/ingest-ledger.js";
export { type Layouts, layoutReader } from "./scan/layouts.js";
export type { FoundForm, FoundRange, FoundSegment } from "./scan/list-folder.js";
export { reconcile } from "./scan/reconcile.js";
export type { ReconcileOptions, ReconcileSums } from "./scan/reconcile-options.js";
export { type KnownFolders, type Scanned, type ScanOptions, scanDataDir } from "./scan/scan-data-dir.js";
export type { ScanFs } from "./scan/scan-fs.js";
export {
  type FactsContext,
  type FileFault,
  readSegmentFacts,
  type SegmentReading,
} from "./scan/segment-facts.js";
export { type NamedStart, namedStart, type StartEvidence } from "./scan/start-of-name.js";
