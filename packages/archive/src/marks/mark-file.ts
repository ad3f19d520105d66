import { readFileSync, type Stats, statSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { changeFile } from "../disk/change-file.js";
import { ArchiveError, type ArchiveErrorCode } from "../errors.js";

/** One of the files in a data directory in which is what people said of recordings, and how it is written. */
export interface MarkKind<Mark> extends MarkFile {
  /** As JSON. */
  written(mark: Mark): unknown;
  /** Undefined: the entry is none. */
  read(entry: Record<string, unknown>): Mark | undefined;
}

/** What of it is the same whatever is in it. */
interface MarkFile {
  /** Of the file, below the data directory. */
  readonly file: string;
  readonly code: ArchiveErrorCode;
  /** What the list is called in the file, and an entry of it in messages. */
  readonly list: string;
  readonly one: string;
  /** There are no more than this, in no larger a file. */
  readonly most: number;
  readonly mostBytes: number;
  /** What else to say when the file cannot be used. */
  readonly advice: string;
}

/**
 * The marks of a data directory; without a file none.
 * @throws ArchiveError with the code of their kind
 */
export function readMarks<Mark>(dataDir: string, kind: MarkKind<Mark>): readonly Mark[] {
  const path = join(dataDir, kind.file);
  try {
    requireSize(statSync(path), kind);
    return marksIn(readFileSync(path, "utf8"), kind);
  } catch (error) {
    return noneOrRefused(path, kind, error);
  }
}

/**
 * Changes the marks in one step: all of it is on disk when this resolves, and no change of another program is undone.
 * @returns what is there now
 * @throws ArchiveError with the code of their kind; whatever `change` throws
 */
export async function changeMarks<Mark>(
  dataDir: string,
  kind: MarkKind<Mark>,
  change: (marks: readonly Mark[]) => readonly Mark[],
): Promise<readonly Mark[]> {
  let after: readonly Mark[] = [];
  const content = async () => {
    const marks = change(await new Marks(dataDir, kind).list());
    const text = `${JSON.stringify({ version: 1, [kind.list]: marks.map(kind.written) }, null, 2)}\n`;
    after = marksToWrite(text, marks.length, kind);
    return text;
  };
  const refuse = (path: string, cause: Error | undefined) => refusal(path, kind, cause);
  await changeFile({ path: join(dataDir, kind.file), mode: 0o644, content, refuse });
  return after;
}

/** The marks of one kind as a server asks for them: read again only after the file has changed. */
export class Marks<Mark> {
  readonly #dataDir: string;
  readonly #kind: MarkKind<Mark>;
  #seen = "";
  #marks: readonly Mark[] = [];
  #change: Promise<unknown> = Promise.resolve();

  constructor(dataDir: string, kind: MarkKind<Mark>) {
    this.#dataDir = dataDir;
    this.#kind = kind;
  }

  /** @throws ArchiveError with the code of their kind */
  async list(): Promise<readonly Mark[]> {
    const path = join(this.#dataDir, this.#kind.file);
    try {
      const found = await stat(path);
      requireSize(found, this.#kind);
      const seen = [found.ino, found.size, found.mtimeMs, found.ctimeMs].join();
      if (seen !== this.#seen) {
        this.#marks = marksIn(await readFile(path, "utf8"), this.#kind);
        this.#seen = seen;
      }
      return this.#marks;
    } catch (error) {
      return noneOrRefused(path, this.#kind, error);
    }
  }

  /**
   * One change after the other; see `changeMarks`.
   * @returns what is there now
   */
  change(change: (marks: readonly Mark[]) => readonly Mark[]): Promise<readonly Mark[]> {
    const changed = this.#change.then(() => changeMarks(this.#dataDir, this.#kind, change));
    this.#change = changed.catch(() => undefined); // told to who asked for it
    return changed;
  }
}

/** UTC, microseconds since the epoch, as ISO 8601 in whole milliseconds. */
export function isoTime(us: number, round: (ms: number) => number = Math.floor): string {
  return new Date(round(us / 1000)).toISOString();
}

/** The other way round; NaN for what is no time. */
export function timeFrom(iso: unknown): number {
  return typeof iso === "string" ? Date.parse(iso) * 1000 : Number.NaN;
}

function requireSize({ size }: Stats, { mostBytes }: MarkFile): void {
  if (size > mostBytes) throw new TypeError(`it is larger than ${mostBytes} bytes`);
}

// What is read back is what was written: to the millisecond.
function marksToWrite<Mark>(text: string, count: number, kind: MarkKind<Mark>): Mark[] {
  if (count > kind.most) throw tooMany(count, kind);
  const bytes = Buffer.byteLength(text);
  if (bytes <= kind.mostBytes) return marksIn(text, kind);
  const found = `${kind.list} would take ${bytes} bytes, at most ${kind.mostBytes} are allowed`;
  throw new ArchiveError(kind.code, `${found}: remove some`);
}

function marksIn<Mark>(text: string, kind: MarkKind<Mark>): Mark[] {
  const file = JSON.parse(text) as Record<string, unknown> | null;
  const entries = file?.[kind.list];
  if (file?.version !== 1 || !Array.isArray(entries))
    throw new TypeError(`it is no list of ${kind.list} of version 1`);
  if (entries.length > kind.most) throw tooMany(entries.length, kind);
  return entries.map((entry: Record<string, unknown> | null, index) => {
    const mark = kind.read(entry ?? {});
    if (mark === undefined) throw new TypeError(`entry ${index + 1} is no ${kind.one}`);
    return mark;
  });
}

function noneOrRefused<Mark>(path: string, kind: MarkKind<Mark>, cause: unknown): readonly Mark[] {
  if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
  const fault = cause instanceof SyntaxError ? "it is no JSON" : (cause as Error).message;
  const advice = `repair it, or move it away${kind.advice}`;
  throw new ArchiveError(kind.code, `${kind.one} file ${path} cannot be used: ${fault}; ${advice}`, {
    cause,
  });
}

function tooMany(count: number, { code, list, most }: MarkFile): ArchiveError {
  return new ArchiveError(code, `${count} ${list} are more than the ${most} that may be`);
}

function refusal(path: string, { code, one }: MarkFile, cause: Error | undefined): ArchiveError {
  const why = cause?.message ?? "another program is writing it";
  return new ArchiveError(code, `${one} file cannot be written: ${why} (${path})`, { cause });
}
