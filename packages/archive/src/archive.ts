import { access, constants, mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type Clock, systemClock, WallClock } from "./clock.js";
import { lockDataDir } from "./data-dir-lock.js";
import { type DiskTrouble, DiskWatch } from "./disk-watch.js";
import { ArchiveError } from "./errors.js";
import type { GapEvent, RecorderListener, SegmentFailed } from "./events.js";
import { type FileSystem, systemFs } from "./file-system.js";
import { exists } from "./finished-names.js";
import { FlushWheel } from "./flush-wheel.js";
import { GapLedger } from "./gap-ledger.js";
import type { GapQuery } from "./gap-query.js";
import type { GapRecord } from "./gap-record.js";
import { type RecoveredFile, recoverParts, recoverSegment } from "./recovery.js";
import { createSegmentStore, type SegmentStore, type SyncPolicy } from "./segment-store.js";
import { StreamRecorder } from "./stream-recorder.js";
import type { StreamRecorderOptions } from "./stream-recorder-options.js";

export interface ArchiveListener extends RecorderListener {
  /** Recording stopped with this reason, or may go on (undefined). */
  disk(trouble: DiskTrouble | undefined, detail: string): void;
  /** A file that a crash or a disk failure left behind was repaired. */
  recovered(file: RecoveredFile): void;
  /** The gap ledger cannot be written for this reason, and keeps what it has in memory; or it can again (undefined). */
  ledger?(error: Error | undefined): void;
}

export interface ArchiveOptions {
  /** Created when missing. */
  readonly dataDir: string;
  readonly syncPolicy?: SyncPolicy;
  /** Recording stops while less than this is free. */
  readonly minFreeBytes: number;
  /** Bytes of all streams that may wait for the disk (default 256 MiB). */
  readonly backlogBytes?: number;
  readonly listener: ArchiveListener;
  readonly clock?: Clock;
  readonly fs?: FileSystem;
}

/** What a stream must bring to be recorded; the rest is the archive's. */
export type RecordOptions = Omit<StreamRecorderOptions, "store" | "disk" | "wallClock" | "listener">;

/** The recordings in one data directory, which nobody else writes meanwhile. */
export interface Archive {
  /** Absolute path. */
  readonly dataDir: string;
  readonly disk: DiskWatch;
  /** Bytes waiting for the disk, all streams together. */
  readonly backlogBytes: number;
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
    for await (const file of recoverParts(dataDir)) options.listener.recovered(file);
    return await assemble(options, dataDir, unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function assemble(
  options: ArchiveOptions,
  dataDir: string,
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
  const salvage = new Salvage(store, options.listener, () => disk.trouble === undefined);
  const onChange = (trouble: DiskTrouble | undefined, detail: string) => {
    options.listener.disk(trouble, detail);
    if (trouble === undefined) salvage.run();
  };
  const disk = new DiskWatch({ fs, dataDir, minFreeBytes: options.minFreeBytes, onChange });
  const wheel = new FlushWheel(() => clock.monotonicUs());
  const wallClock = new WallClock(clock);
  const listener = salvage.listening(options.listener, recordGap);
  await disk.start();
  return {
    dataDir,
    disk,
    get backlogBytes() {
      return store.backlog.bytes;
    },
    record(stream) {
      const recorder = new StreamRecorder({ ...stream, store, disk, wallClock, listener });
      wheel.add(recorder);
      return recorder;
    },
    finish(recorder) {
      wheel.remove(recorder);
      return recorder.close();
    },
    utcOf: (monotonicUs) => wallClock.toUtc(monotonicUs),
    recordGap,
    gaps: (query) => ledger.query(query),
    async close() {
      wheel.stop();
      disk.stop();
      await salvage.idle();
      await ledger.close();
      await unlock();
    },
  };
}

/** Segments whose disk failed, until it is well again: then they are repaired like after a crash. */
class Salvage {
  readonly #store: SegmentStore;
  readonly #listener: ArchiveListener;
  readonly #isDiskWell: () => boolean;
  readonly #stems = new Set<string>();
  #running: Promise<void> = Promise.resolve();

  constructor(store: SegmentStore, listener: ArchiveListener, isDiskWell: () => boolean) {
    this.#store = store;
    this.#listener = listener;
    this.#isDiskWell = isDiskWell;
  }

  listening(listener: RecorderListener, gap: RecorderListener["gap"]): RecorderListener {
    return {
      segmentOpen: (event) => listener.segmentOpen(event),
      segmentComplete: (event) => listener.segmentComplete(event),
      gap,
      segmentFailed: (event) => {
        this.#keep(event);
        listener.segmentFailed(event);
        if (this.#isDiskWell()) this.run(); // it took longer to fail than the disk to get well
      },
    };
  }

  run(): void {
    const stems = [...this.#stems];
    this.#stems.clear();
    this.#running = this.#running.then(() => this.#repair(stems));
  }

  idle(): Promise<void> {
    return this.#running;
  }

  #keep({ path }: SegmentFailed): void {
    if (path !== undefined) this.#stems.add(path.replace(/\.wav$/, ""));
  }

  // What cannot be repaired now stays .part, and is tried again when the disk next gets well or at the next start.
  async #repair(stems: readonly string[]): Promise<void> {
    for (const stem of stems) {
      for await (const file of recoverSegment(this.#store.dataDir, stem)) {
        if (file.outcome === "left") this.#stems.add(stem);
        this.#listener.recovered(file);
      }
    }
  }
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

// Step by step: Node's recursive mkdir never returns where the system takes no new folder (/proc).
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || (await exists(dirname(path)))) throw error;
    await makeFolder(dirname(path));
    await mkdir(path);
  }
}
