import { join } from "node:path";
import { below, type FoundRange, listFolder } from "./list-folder.js";
import { Pace } from "./pace.js";
import { type ScanFs, systemScanFs } from "./scan-fs.js";

/** When folders had last changed at the last complete look at them: path below the data directory → ns. */
export type KnownFolders = ReadonlyMap<string, bigint>;

/** What a scan comes upon. Folders are paths below the data directory, with `/`; empty for itself. */
export type Scanned =
  /** Segments of a folder; the ranges of one folder come in order and leave nothing out. */
  | ({ readonly kind: "segments"; readonly folder: string } & FoundRange)
  /**
   * A folder was listed to its end. Remember `changedNs`, and 0 for those of `folders` that are not known yet, at
   * once: a scan that ends here then goes on there the next time.
   */
  | {
      readonly kind: "listed";
      readonly folder: string;
      readonly changedNs: bigint;
      readonly folders: readonly string[];
    }
  /** The folder has not changed since it was last listed; those in it are looked at all the same. */
  | { readonly kind: "unchanged"; readonly folder: string }
  /** The folder cannot be listed, for this reason; nothing is known of what is in it. */
  | { readonly kind: "unreadable"; readonly folder: string; readonly reason: string };

/** How a data directory is searched, and how fast. */
export interface ScanOptions {
  /** Folders that need not be listed unless they have changed (default: none). */
  readonly known?: KnownFolders;
  /** At most so many files a second (default: no limit). */
  readonly filesPerSecond?: number;
  readonly signal?: AbortSignal;
  readonly fs?: ScanFs;
  /** Stems of one folder that are kept in memory (default 20 000, about 3 MB). */
  readonly rangeStems?: number;
  /** UTC, nanoseconds since the epoch. */
  readonly nowNs?: () => bigint;
}

// Times of folders have the granularity of the kernel's tick, or of 2 s (FAT): what came just after the look may
// bear the time from before it.
const GRANULARITY_NS = 2_000_000_000n;
const MOST_FOLDERS_DEEP = 32;
// Of the data directory itself; folders whose names begin with a dot are left out everywhere.
const NOT_RECORDINGS = new Set(["quarantine", "gaps", "lost+found"]);

/**
 * Walks through a data directory, depth first, and tells which segments have files in it. Folders that have not
 * changed are not listed; links are not followed; what is in progress, in `quarantine/` or `gaps/`, or hidden is left
 * out. A folder that cannot be read does not end the scan. Memory depends on neither the number of files nor their
 * content.
 * @param dataDir absolute path
 * @throws Error of the file system, when the data directory itself cannot be read; the signal's reason
 */
export async function* scanDataDir(dataDir: string, options: ScanOptions = {}): AsyncGenerator<Scanned> {
  const { known = new Map(), fs = systemScanFs, filesPerSecond, signal, rangeStems = 20_000 } = options;
  const nowNs = options.nowNs ?? (() => BigInt(Date.now()) * 1_000_000n);
  const pace = new Pace(filesPerSecond, signal);
  yield* new Scan({ dataDir, known, fs, pace, rangeStems, nowNs, signal }).folder("", 0);
}

interface Walk extends Required<Pick<ScanOptions, "known" | "fs" | "rangeStems" | "nowNs">> {
  readonly dataDir: string;
  readonly pace: Pace;
  readonly signal: AbortSignal | undefined;
}

class Scan {
  readonly #walk: Walk;
  readonly #knownIn = new Map<string, string[]>();

  constructor(walk: Walk) {
    this.#walk = walk;
    for (const path of walk.known.keys()) this.#addKnown(path);
  }

  async *folder(folder: string, depth: number): AsyncGenerator<Scanned> {
    this.#walk.signal?.throwIfAborted();
    const inner: string[] = [];
    try {
      yield* this.#look(folder, inner);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (folder === "" || code === undefined || code === "ABORT_ERR") throw error;
      if (code !== "ENOENT") yield { kind: "unreadable", folder, reason: message };
    }
    for (const path of inner.sort()) {
      if (depth < MOST_FOLDERS_DEEP) yield* this.folder(path, depth + 1);
      else yield { kind: "unreadable", folder: path, reason: `more than ${MOST_FOLDERS_DEEP} folders deep` };
    }
  }

  async *#look(folder: string, inner: string[]): AsyncGenerator<Scanned> {
    const { dataDir, known, fs, nowNs } = this.#walk;
    const path = join(dataDir, folder);
    const startedNs = nowNs();
    const changedNs = await fs.changedNs(path);
    if (changedNs !== undefined && changedNs > 0n && changedNs === known.get(folder)) {
      inner.push(...(this.#knownIn.get(folder) ?? []));
      yield { kind: "unchanged", folder };
      return;
    }
    const onFolder = (name: string) => {
      if (isLookedAt(folder, name)) inner.push(below(folder, name));
    };
    const { pace, rangeStems } = this.#walk;
    for await (const range of listFolder({ fs, path, folder, pace, rangeStems, onFolder }))
      yield { kind: "segments", folder, ...range };
    const isSettled = changedNs !== undefined && startedNs - changedNs > GRANULARITY_NS;
    yield { kind: "listed", folder, changedNs: isSettled ? changedNs : 0n, folders: inner };
  }

  #addKnown(path: string): void {
    if (path === "") return;
    const parent = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    const siblings = this.#knownIn.get(parent);
    if (siblings === undefined) this.#knownIn.set(parent, [path]);
    else siblings.push(path);
  }
}

function isLookedAt(folder: string, name: string): boolean {
  return !name.startsWith(".") && !(folder === "" && NOT_RECORDINGS.has(name));
}
