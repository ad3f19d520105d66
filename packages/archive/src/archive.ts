import { access, constants, mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type Clock, systemClock, WallClock } from "./clock.js";
import { lockDataDir } from "./disk/data-dir-lock.js";
import { DirectorySync } from "./disk/directory-sync.js";
import { type DiskTrouble, DiskWatch } from "./disk/disk-watch.js";
import { type FileSystem, systemFs } from "./disk/file-system.js";
import { promised } from "./disk/promised-fs.js";
import type { DiskTimings } from "./disk/timed-fs.js";
import { ArchiveError } from "./errors.js";
import type { GapEvent, RecorderListener } from "./events.js";
import { GapLedger } from "./gaps/gap-ledger.js";
import type { GapQuery } from "./gaps/gap-query.js";
import type { GapRecord } from "./gaps/gap-record.js";
import type { AcknowledgedSession } from "./journal/acknowledged-session.js";
import { Journal } from "./journal/journal.js";
import type { JournaledSegment } from "./journal/journaled-segment.js";
import type { SessionFormat } from "./journal/records.js";
import { Sessions } from "./journal/sessions.js";
import { exists } from "./recording/finished-names.js";
import { FlushWheel } from "./recording/flush-wheel.js";
import { createSegmentStore, type SegmentStore, type SyncPolicy } from "./recording/segment-store.js";
import { StreamRecorder } from "./recording/stream-recorder.js";
import type { StreamRecorderOptions } from "./recording/stream-recorder-options.js";
import { HeardDevices } from "./recovery/heard-devices.js";
import { type Past, recoverDataDir } from "./recovery/past.js";
import type { RecoveredFile } from "./recovery/recovery.js";
import { Salvage } from "./recovery/salvage.js";

export interface ArchiveListener extends RecorderListener {
  /** Recording stopped with this reason, or may go on (undefined). */
  disk(trouble: DiskTrouble | undefined, detail: string): void;
  /** A file that a crash or a disk failure left behind was repaired. */
  recovered(file: RecoveredFile): void;
  /** The gap ledger cannot be written for this reason, and keeps what it has in memory; or it can again (undefined). */
  ledger?(error: Error | undefined): void;
}

/** Where and how an archive records. */
export interface ArchiveOptions {
  /** Created when missing. */
  readonly dataDir: string;
  readonly syncPolicy?: SyncPolicy;
  /** Recording stops while less than this is free. */
  readonly minFreeBytes: number;
  /** Recording stops while the disk has room for fewer files (default 0). */
  readonly minFreeFiles?: number;
  /** Bytes of all streams that may wait for the disk (default 256 MiB). */
  readonly backlogBytes?: number;
  readonly listener: ArchiveListener;
  readonly clock?: Clock;
  readonly fs?: FileSystem;
}

/** What may be changed while recordings run; as in `ArchiveOptions`. */
export type ArchiveLimits = Required<Pick<ArchiveOptions, "minFreeBytes" | "minFreeFiles" | "backlogBytes">>;

/** What a stream must bring to be recorded; the rest is the archive's. */
export type RecordOptions = Omit<
  StreamRecorderOptions,
  "store" | "disk" | "wallClock" | "listener" | "journal" | "onFailed"
>;

/** The recordings in one data directory, which nobody else writes meanwhile. */
export interface Archive {
  /** Absolute path. */
  readonly dataDir: string;
  readonly disk: DiskWatch;
  /**
   * Why no recording should begin now: what the disk watch says, or `disk-stalled`, when the disk has taken nothing
   * for 5 s. Recordings that run are not touched by a stall; their senders wait.
   */
  readonly trouble: DiskTrouble | "disk-stalled" | undefined;
  /** Bytes waiting for the disk, all streams together. */
  readonly backlogBytes: number;
  /** From now on these hold; streams that are there go on. */
  limit(limits: ArchiveLimits): void;
  /** How the disk does. */
  readonly timings: DiskTimings;
  /** Until when each device was heard, also before a restart. */
  readonly heard: HeardDevices;
  /**
   * The session of an acknowledged stream, known from before or new. Give it to `record`; there may be one
   * recording of a session at a time.
   * @param key identifies the session among all devices
   */
  session(key: string, format: SessionFormat): AcknowledgedSession;
  /** Starts a recording; end it with `finish`. */
  record(options: RecordOptions): StreamRecorder;
  /** Closes a recording; resolves when its last segment is complete. */
  finish(recorder: StreamRecorder): Promise<void>;
  /** UTC in microseconds since the epoch, by the wall clock as it is set now, of a monotonic time. */
  utcOf(monotonicUs: number): number;
  /** Takes a gap that no recording knows of (between two connections), tells it and keeps it like the others. */
  recordGap(gap: GapEvent): void;
  /** The gap ledger: every gap of this and earlier runs that matches, in order of their start. */
  gaps(query?: GapQuery): AsyncGenerator<GapRecord>;
  /** Gives the data directory back. All recordings must be finished. */
  close(): Promise<void>;
}

/**
 * Takes a data directory, repairs what a crash left in it, and watches its disk.
 * @throws ArchiveError `data-dir-in-use`, `data-dir-unusable`
 */
export async function openArchive(options: ArchiveOptions): Promise<Archive> {
  const dataDir = resolve(options.dataDir);
  await prepareDataDir(dataDir);
  const unlock = await lockDataDir(dataDir);
  try {
    const past = await recoverDataDir(dataDir, (file) => options.listener.recovered(file));
    return await assemble(options, dataDir, past, unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function assemble(
  options: ArchiveOptions,
  dataDir: string,
  past: Past,
  unlock: () => Promise<void>,
): Promise<Archive> {
  const fs = options.fs ?? systemFs;
  const clock = options.clock ?? systemClock;
  const store = createSegmentStore({ ...options, dataDir, fs });
  const ledger = new GapLedger({
    dataDir,
    fs,
    sync: store.syncPolicy !== "never",
    onTrouble: (error) => options.listener.ledger?.(error),
  });
  const recordGap = (gap: GapEvent) => {
    ledger.record(gap);
    options.listener.gap(gap);
  };
  const onChange = (trouble: DiskTrouble | undefined, detail: string) => {
    options.listener.disk(trouble, detail);
    if (trouble !== undefined) return;
    journal.renew();
    salvage.run();
  };
  const { minFreeBytes, minFreeFiles = 0 } = options;
  const disk = new DiskWatch({ fs, dataDir, minFreeBytes, minFreeFiles, onChange });
  const wallClock = new WallClock(clock);
  const { journal, sessions, heard } = openJournal(store, disk, wallClock, past);
  const salvage = new Salvage({
    dataDir,
    journalFolder: past.journalFolder,
    journal,
    names: store.names,
    promised: store.promised,
    settled: (session) => sessions.settled(session),
    isDiskWell: () => disk.trouble === undefined,
    onRecovered: (file) => options.listener.recovered(file),
  });
  const wheel = new FlushWheel(() => clock.monotonicUs());
  const listener: RecorderListener = {
    segmentOpen: (event) => options.listener.segmentOpen(event),
    segmentComplete: (event) => options.listener.segmentComplete(event),
    segmentFailed: (event) => options.listener.segmentFailed(event),
    gap: recordGap,
  };
  const onFailed = (segment: JournaledSegment) => salvage.add(segment);
  const shared = { store, disk, wallClock, listener, journal, onFailed };
  await disk.start();
  for (const segment of past.left) salvage.add(segment);
  return {
    dataDir,
    disk,
    heard,
    timings: store.timings,
    get trouble() {
      return disk.trouble ?? (isStalled(store) ? "disk-stalled" : undefined);
    },
    get backlogBytes() {
      return store.backlog.bytes;
    },
    limit({ backlogBytes, ...limits }) {
      store.backlog.limitBytes = backlogBytes;
      disk.limit(limits);
    },
    session: (key, format) => sessions.enter(key, format),
    record(stream) {
      if (stream.session !== undefined) sessions.use(stream.session);
      const recorder = new StreamRecorder({ ...stream, ...shared });
      wheel.add(recorder);
      return recorder;
    },
    async finish(recorder) {
      wheel.remove(recorder);
      await recorder.close();
      if (recorder.session !== undefined) sessions.leave(recorder.session);
    },
    utcOf: (monotonicUs) => wallClock.toUtc(monotonicUs),
    recordGap,
    gaps: (query) => ledger.query(query),
    async close() {
      wheel.stop();
      disk.stop();
      await journal.close();
      await salvage.idle();
      await ledger.close();
      await unlock();
    },
  };
}

/** The journal, and what it remembers over restarts. */
function openJournal(store: SegmentStore, disk: DiskWatch, wallClock: WallClock, past: Past) {
  const { image, left, journalFolder } = past;
  const journal: Journal = new Journal({
    disk: { fs: store.fs, promised: store.promised, folder: journalFolder },
    firstGeneration: image.nextGeneration,
    checkpoint: () => [...sessions.notes(), ...heard.notes()],
    onError: (error) => disk.report(error),
    durations: store.timings.commits,
  });
  const known = [...image.sessions.values()].map(({ note }) => note);
  const sessions = new Sessions(journal, image.nextSession, known);
  const heard = new HeardDevices(wallClock, (note) => journal.note(note), image.heard.values());
  journal.replace(image.paths, left);
  return { journal, sessions, heard };
}

// Longer than any write or fsync of a disk that is only busy, shorter than what a live sender can keep waiting.
const STALLED_MS = 5000;

function isStalled({ backlog, completions }: SegmentStore): boolean {
  return Math.max(backlog.stalledMs, completions.longestMs) > STALLED_MS;
}

async function prepareDataDir(dataDir: string): Promise<void> {
  try {
    await makeFolder(dataDir);
    await access(`${dataDir}/.`, constants.R_OK | constants.W_OK | constants.X_OK); // a file has no "/."
  } catch (cause) {
    const { message } = cause as Error;
    const advice = "choose a directory that this user may write, with --data-dir or DATA_DIR";
    throw new ArchiveError("data-dir-unusable", `data directory ${dataDir}: ${message}: ${advice}`, {
      cause,
    });
  }
}

const directories = new DirectorySync(promised(systemFs));

// Step by step, so that each is durable in the one above it, and because Node's recursive mkdir never returns where
// the system takes no new folder (/proc).
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
    await directories.sync(dirname(path)).catch(ignoreUnreadable);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || (await exists(dirname(path)))) throw error;
    await makeFolder(dirname(path));
    await makeFolder(path);
  }
}

// A folder in which we may make one, but not look, cannot be opened for its fsync.
function ignoreUnreadable(error: NodeJS.ErrnoException): void {
  if (error.code !== "EACCES" && error.code !== "EPERM") throw error;
}
