import { type FactsContext, ingestLedger, isBroken, type ReconcileSums, reconcile } from "@audio/archive";
import type { KeeperContext } from "./context.js";

/** How far the catalogue agrees with the files. */
export interface SearchStatus {
  /** Nothing is deleted before the first search since the start is complete. */
  readonly state: "running" | "complete" | "failed";
  /** Why it failed. */
  readonly reason: string | undefined;
  /** Of the search that runs or ran last. */
  readonly folders: number;
  readonly files: number;
  readonly added: number;
  readonly gone: number;
}

export interface FileSearchOptions extends KeeperContext {
  /** How files tell what they are. */
  readonly facts: FactsContext;
  /**
   * A segment was found; within the transaction that adds it.
   * @param isFirst the catalogue is new: all that there is comes up, however old
   */
  readonly found: (id: number, isFirst: boolean) => void;
  readonly onTrouble: (error: unknown) => void;
}

// So that a hundred thousand files are found within two minutes, while a slow disk has time for recording.
const FILES_PER_SECOND = 1000;
const FAILED_AGAIN_MS = 60_000;
// What people do to the files by hand shows in the catalogue after this time, without being asked for.
const SEARCH_EVERY_MS = 3_600_000;
const LEDGER_EVERY_MS = 5000;
const SEARCHED = "searched";

/**
 * Keeps the catalogue in line with what is on the disk: at the start, where a crash may have left files that nobody
 * told of, when asked to, and every hour; and with the gap ledger, every few seconds.
 */
export class FileSearch {
  readonly #options: FileSearchOptions;
  readonly #stop = new AbortController();
  #status: SearchStatus = { state: "running", reason: undefined, folders: 0, files: 0, added: 0, gone: 0 };
  #isComplete = false;
  #isAsked = false;
  #searching: Promise<void> | undefined;
  #reading: Promise<void> | undefined;
  #again: NodeJS.Timeout | undefined;
  #ledger: NodeJS.Timeout | undefined;

  constructor(options: FileSearchOptions) {
    this.#options = options;
  }

  get status(): SearchStatus {
    return this.#status;
  }

  /** Whether everything on the disk has been in the catalogue once since the start. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  start(): void {
    this.look();
    this.#readLedger();
  }

  /** Searches now, and once more if a search runs already. */
  look(): void {
    if (this.#stop.signal.aborted) return;
    clearTimeout(this.#again);
    if (this.#searching !== undefined) {
      this.#isAsked = true;
      return;
    }
    this.#searching = this.#search().finally(() => {
      this.#searching = undefined;
      const pauseMs = this.#status.state === "failed" ? FAILED_AGAIN_MS : SEARCH_EVERY_MS;
      const isAsked = this.#isAsked;
      this.#isAsked = false;
      if (!this.#stop.signal.aborted) this.#again = setTimeout(() => this.look(), isAsked ? 0 : pauseMs);
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#again);
    clearTimeout(this.#ledger);
    await Promise.all([this.#searching, this.#reading]);
  }

  async #search(): Promise<void> {
    const { catalogue, settings, facts, found, tell } = this.#options;
    const isFirst = catalogue.notes.mark(SEARCHED) === undefined;
    try {
      const sums = await reconcile(catalogue, settings.dataDir, {
        ...facts,
        filesPerSecond: FILES_PER_SECOND,
        signal: this.#stop.signal,
        onAdded: (id) => found(id, isFirst),
        onFault: ({ path, reason }) => tell("warn", "a file cannot be catalogued", { path, reason }),
        onProgress: (sums) => this.#show("running", sums),
      });
      catalogue.notes.setMark(SEARCHED, new Date(this.#options.now()).toISOString());
      this.#isComplete = true;
      this.#show("complete", sums);
      const { files, added, changed, gone } = sums;
      if (added + changed + gone > 0)
        tell("info", "files and catalogue agree again", { files, added, changed, gone });
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (this.#stop.signal.aborted) return;
    const { tell, onTrouble } = this.#options;
    const { message } = error as Error;
    this.#status = { ...this.#status, state: "failed", reason: message };
    tell("error", "files and catalogue cannot be compared", { reason: message });
    if (isBroken(error)) onTrouble(error);
  }

  #show(
    state: SearchStatus["state"],
    { folders, unchangedFolders, files, added, gone }: ReconcileSums,
  ): void {
    this.#status = { state, reason: undefined, folders: folders + unchangedFolders, files, added, gone };
  }

  #readLedger(): void {
    const { catalogue, settings, onTrouble } = this.#options;
    this.#reading = ingestLedger(catalogue, settings.dataDir, { signal: this.#stop.signal })
      .then(() => undefined)
      .catch((error: unknown) => {
        if (!this.#stop.signal.aborted) onTrouble(error);
      })
      .finally(() => {
        if (!this.#stop.signal.aborted) this.#ledger = setTimeout(() => this.#readLedger(), LEDGER_EVERY_MS);
      });
  }
}
