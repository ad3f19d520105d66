import { DirectorySync } from "../disk/directory-sync.js";
import { type FileSystem, systemFs } from "../disk/file-system.js";
import { type PromisedFs, promised } from "../disk/promised-fs.js";
import { type DiskTimings, timed } from "../disk/timed-fs.js";
import { SharedBacklog } from "./backlog.js";
import { BlockPool } from "./block-pool.js";
import { SegmentNames } from "./segment-names.js";
import { Slots } from "./slots.js";

/**
 * When recordings are forced to the disk: `segment` syncs each finished one, `interval` also once a second while
 * it grows, `never` leaves it to the operating system.
 */
export const SYNC_POLICIES = ["segment", "interval", "never"] as const;
/** One of `SYNC_POLICIES`. */
export type SyncPolicy = (typeof SYNC_POLICIES)[number];

/** What all recordings in one data directory share. */
export interface SegmentStore {
  readonly fs: FileSystem;
  /** The same calls as promises. */
  readonly promised: PromisedFs;
  /** Absolute path. */
  readonly dataDir: string;
  readonly syncPolicy: SyncPolicy;
  readonly names: SegmentNames;
  readonly directories: DirectorySync;
  /** Completions at a time: syncing is slow, and must leave room for the writes of what is being recorded. */
  readonly completions: Slots;
  readonly wavBlocks: BlockPool;
  readonly binBlocks: BlockPool;
  readonly backlog: SharedBacklog;
  /** How its disk does. */
  readonly timings: DiskTimings;
}

export interface SegmentStoreOptions {
  /** Absolute path; exists. */
  readonly dataDir: string;
  readonly syncPolicy?: SyncPolicy;
  /** Bytes of all streams that may wait for the disk before senders are slowed down (default 256 MiB). */
  readonly backlogBytes?: number;
  readonly fs?: FileSystem;
}

// What a 16 kHz stream gathers between two flushes, 0.9 s: 29 kB of audio, 9 kB of ADPCM frames. A replayed file
// fills many blocks, and they go to the disk together.
const WAV_BLOCK_BYTES = 32 * 1024;
const BIN_BLOCK_BYTES = 16 * 1024;
// Of the four threads that do Node's file work, two: a thousand devices that came back at the same moment cut
// their segments at the same moment.
const COMPLETIONS_AT_ONCE = 2;
const BLOCKS_KEPT = 1024;

export function createSegmentStore(options: SegmentStoreOptions): SegmentStore {
  const { fs, timings } = timed(options.fs ?? systemFs);
  const promises = promised(fs);
  const { dataDir, syncPolicy = "segment" } = options;
  const directories = new DirectorySync(promises);
  const folders = syncPolicy === "never" ? undefined : directories;
  const parts = syncPolicy === "interval" ? directories : undefined;
  return {
    fs,
    promised: promises,
    dataDir,
    syncPolicy,
    names: new SegmentNames({ fs: promises, dataDir, folders, parts }),
    directories,
    completions: new Slots(COMPLETIONS_AT_ONCE),
    wavBlocks: new BlockPool(WAV_BLOCK_BYTES, BLOCKS_KEPT),
    binBlocks: new BlockPool(BIN_BLOCK_BYTES, BLOCKS_KEPT),
    backlog: new SharedBacklog(options.backlogBytes ?? 256 * 1024 * 1024),
    timings,
  };
}
