import { constants } from "node:fs";
import { access, type FileHandle, mkdir, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ReceiverError } from "../errors.js";
import { shiftLogFiles } from "./rotation.js";
import { WaitingLines } from "./waiting-lines.js";

/** Where a log goes, and how much of it stays. */
export interface LogFileOptions {
  /** Absolute. */
  readonly path: string;
  /** A file that would be larger is put aside, and a new one begun; 0 = somebody else does that. */
  readonly maxBytes: number;
  /** Files that stay, the current one among them, 1 or more. */
  readonly keep: number;
  /** The file cannot be written; undefined = it can again, and so many lines were lost meanwhile. */
  readonly onTrouble: (reason: string | undefined, lostLines: number) => void;
}

const RETRY_MS = 1000;
const CHECK_MS = 1000;
const LONGEST_CLOSE_MS = 2000;
// Others may read it, as the folder allows; only its owner writes.
const MODE = 0o640;

/**
 * A file that lines are added to beside the recording: adding one never waits and never fails. What the disk does not take
 * waits, up to 1 MB, and then is lost and counted; it is tried again every second. A file that somebody renamed or removed
 * is opened anew within a second, or at once when told.
 */
export class LogFile {
  readonly #options: LogFileOptions;
  readonly #lines: WaitingLines;
  #file: FileHandle;
  #size = 0;
  #checkedMs = Number.NEGATIVE_INFINITY;
  #isStale = false;
  readonly #ending = new AbortController();
  #trouble: string | undefined;
  #work: Promise<void> | undefined;

  private constructor(options: LogFileOptions, file: FileHandle) {
    this.#options = options;
    this.#lines = new WaitingLines(options.maxBytes);
    this.#file = file;
  }

  /** @throws ReceiverError `invalid-setting` if it cannot be written, or not be put aside when it is full */
  static async open(options: LogFileOptions): Promise<LogFile> {
    const { path, maxBytes } = options;
    try {
      await refuseOddFile(path);
      const file = await openForLines(path);
      const log = new LogFile(options, file);
      if (maxBytes > 0) await access(dirname(path), constants.W_OK);
      return log;
    } catch (error) {
      throw new ReceiverError("invalid-setting", faultOf(options, error as Error), { cause: error });
    }
  }

  /** Adds a line, which ends in a line feed. */
  write(line: string): void {
    if (this.#ending.signal.aborted) return;
    this.#lines.add(line);
    this.#go();
  }

  /** Leaves the present file, whatever it is called by now, and opens one of the path; for logrotate and its like. */
  reopen(): void {
    this.#isStale = true;
    this.#go();
  }

  /** Writes what waits, 2 s at most, and closes the file. */
  async close(): Promise<void> {
    this.#ending.abort();
    const inTime = new AbortController();
    const tooLate = pause(LONGEST_CLOSE_MS, undefined, { signal: inTime.signal });
    await Promise.race([this.#work, tooLate]);
    inTime.abort();
    await tooLate.catch(() => undefined); // it was not too late
    if (this.#work === undefined) await this.#file.close(); // else the disk holds it
  }

  #go(): void {
    this.#work ??= this.#writeAll().finally(() => (this.#work = undefined));
  }

  async #writeAll(): Promise<void> {
    while (!this.#lines.isEmpty || this.#isStale) {
      try {
        await this.#prepare();
        await this.#writeSome();
      } catch (error) {
        this.#tell((error as Error).message);
        this.#isStale = true; // a file of a disk that is gone stays broken when the disk is back
        if (this.#ending.signal.aborted) return;
        await this.#pauseBeforeRetry();
      }
    }
  }

  async #prepare(): Promise<void> {
    if (performance.now() - this.#checkedMs > CHECK_MS) await this.#check();
    if (this.#isStale) await this.#openAnew();
    const { maxBytes, path, keep } = this.#options;
    const more = this.#lines.nextBytes;
    if (maxBytes === 0 || this.#size === 0 || this.#size + more <= maxBytes) return;
    await shiftLogFiles(path, keep);
    await this.#openAnew();
  }

  // The file that lines go to may have been renamed, removed or emptied: the path tells.
  async #check(): Promise<void> {
    const { size, ...own } = await this.#file.stat();
    this.#size = size;
    const there = await stat(this.#options.path).catch(() => undefined);
    if (!isSame(own, there)) this.#isStale = true;
    this.#checkedMs = performance.now();
  }

  async #openAnew(): Promise<void> {
    const file = await openForLines(this.#options.path);
    const left = this.#file;
    const leftFacts = await left.stat().catch(() => undefined);
    const facts = await file.stat();
    this.#file = file;
    this.#size = facts.size;
    this.#isStale = false;
    if (!isSame(facts, leftFacts)) this.#lines.beginLineAnew();
    await left.close();
  }

  async #pauseBeforeRetry(): Promise<void> {
    const { signal } = this.#ending;
    await pause(RETRY_MS, undefined, { signal, ref: false }).catch(() => undefined); // the end comes: at once, then
  }

  async #writeSome(): Promise<void> {
    const bytes = this.#lines.next();
    if (bytes === undefined) return;
    const { bytesWritten } = await this.#file.write(bytes);
    this.#size += bytesWritten;
    this.#lines.written(bytesWritten);
    this.#tell(undefined);
  }

  #tell(reason: string | undefined): void {
    if ((reason === undefined) === (this.#trouble === undefined)) return;
    this.#trouble = reason;
    this.#options.onTrouble(reason, reason === undefined ? this.#lines.takeLost() : 0);
  }
}

// Opening a pipe that nobody reads would wait for ever.
async function refuseOddFile(path: string): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there !== undefined && !there.isFile()) throw new Error("it is no regular file");
}

async function openForLines(path: string): Promise<FileHandle> {
  await mkdir(dirname(path)).catch(() => undefined); // there already, or opening tells why not
  return open(path, "a", MODE);
}

function faultOf({ path, maxBytes }: LogFileOptions, error: Error): string {
  const aside =
    maxBytes > 0 ? "; or log to standard output alone, or set --log-max-mb 0 and use logrotate" : "";
  return `logFile: ${path} cannot be used (${error.message}): choose a file in a folder that can be written${aside}`;
}

type Identity = { readonly ino: number; readonly dev: number };

function isSame(a: Identity, b: Identity | undefined): boolean {
  return b !== undefined && a.ino === b.ino && a.dev === b.dev;
}
