import { type FileHandle, open, readdir } from "node:fs/promises";
import { generationNumber, generationPath } from "./generation.js";
import {
  type HeardNote,
  type NamedNote,
  type Note,
  type OpenNote,
  type RecordListener,
  type Run,
  readRecords,
  type SegmentNote,
  type SessionNote,
} from "./records.js";

/** A session's segment that may be unfinished. */
export interface SegmentImage {
  readonly plan: SegmentNote;
  /** Its file's path below the data directory, without extension; undefined: it had none yet. */
  readonly stem: string | undefined;
}

/** A session as the journal leaves it. */
export interface SessionImage {
  readonly note: SessionNote;
  /** By number: those that the journal still tells about. */
  readonly segments: Map<number, SegmentImage>;
}

/** An unfinished segment of a session, to be made whole from the journal. */
export interface Unfinished {
  readonly session: SessionImage;
  readonly segment: SegmentImage;
}

/** What is known of a segment whose file at `stem`, below the data directory, got its name afterwards. */
export function describeSegment({ session, segment: { plan } }: Unfinished, stem: string): OpenNote {
  const { metadata, session: id, segment } = plan;
  return { kind: "open", stem, metadata, frameBytes: session.note.format.channels * 2, session: id, segment };
}

/** What a journal says, all its files together. */
export interface JournalImage {
  /** Paths of its files, oldest first. */
  readonly paths: readonly string[];
  /** Above every file's number. */
  readonly nextGeneration: number;
  /** Above every session's number. */
  readonly nextSession: number;
  readonly sessions: ReadonlyMap<number, SessionImage>;
  /** Segments in progress, by path below the data directory without extension. */
  readonly files: ReadonlyMap<string, OpenNote>;
  readonly finished: ReadonlySet<string>;
  readonly heard: ReadonlyMap<string, HeardNote>;
}

// Holds any record whole; grows to the largest one.
const READ_BYTES = 1024 * 1024;

/** Reads all that is whole in the journal in `folder`; what is torn or rotten ends its file. */
export async function readImage(folder: string): Promise<JournalImage> {
  const numbers = await generations(folder);
  const paths = numbers.map((number) => generationPath(folder, number));
  const builder = new ImageBuilder();
  for (const path of paths) await readGeneration(path, builder);
  return builder.image(paths, (numbers.at(-1) ?? 0) + 1);
}

async function generations(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(nothingIfMissing);
  const numbers = names.map(generationNumber).filter((number) => number !== undefined);
  return numbers.sort((a, b) => a - b);
}

function nothingIfMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code !== "ENOENT") throw error;
  return [];
}

/** Hands over the whole records of one file, in constant memory. */
export async function readGeneration(path: string, listener: RecordListener): Promise<void> {
  const file = await openIfThere(path);
  if (file === undefined) return; // removed meanwhile: what it told about stands in files of its own
  try {
    let buffer = Buffer.allocUnsafe(READ_BYTES);
    for (let kept = 0, position = 0; ; ) {
      if (kept === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)]);
      const { bytesRead } = await file.read(buffer, kept, buffer.length - kept, position);
      position += bytesRead;
      const { bytes, rotten } = await readRecords(buffer.subarray(0, kept + bytesRead), listener);
      if (rotten || bytesRead === 0) return;
      buffer.copyWithin(0, bytes, kept + bytesRead);
      kept += bytesRead - bytes;
    }
  } finally {
    await file.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

class ImageBuilder implements RecordListener {
  readonly #sessions = new Map<number, SessionImage>();
  readonly #files = new Map<string, OpenNote>();
  readonly #finished = new Set<string>();
  readonly #heard = new Map<string, HeardNote>();

  note(note: Note): void {
    switch (note.kind) {
      case "session":
        this.#sessions.set(note.id, { note, segments: this.#sessions.get(note.id)?.segments ?? new Map() });
        return;
      case "segment":
        this.#segment(note, this.#sessions.get(note.session)?.segments.get(note.segment)?.stem);
        return;
      case "named":
        this.#named(note);
        return;
      case "open":
        this.#open(note);
        return;
      case "done":
        this.#files.delete(note.stem);
        this.#finished.add(note.stem);
        return;
      case "heard":
        this.#heard.set(note.key, note);
    }
  }

  run({ session: id, nextSeq, endIndex, index, utcUs, order }: Run): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    const length = Math.round(((endIndex - index) * 1_000_000) / session.note.format.sampleRate);
    const note = { ...session.note, nextSeq, index: endIndex, utcUs: utcUs + length };
    // "low" may be a guess, made while nothing but silence had come; "high" never is.
    this.#sessions.set(id, { ...session, note: order === "high" ? { ...note, order } : note });
  }

  image(paths: readonly string[], nextGeneration: number): JournalImage {
    const nextSession = Math.max(0, ...this.#sessions.keys()) + 1;
    return {
      paths,
      nextGeneration,
      nextSession,
      sessions: this.#sessions,
      files: this.#files,
      finished: this.#finished,
      heard: this.#heard,
    };
  }

  #open(note: OpenNote): void {
    this.#files.set(note.stem, note);
    this.#finished.delete(note.stem); // what stood there was moved away, and the name was free again
    const { session, segment, stem } = note;
    if (session !== undefined && segment !== undefined) this.#named({ session, segment, stem });
  }

  #named({ session, segment, stem }: Omit<NamedNote, "kind">): void {
    const planned = this.#sessions.get(session)?.segments.get(segment);
    if (planned !== undefined) this.#segment(planned.plan, stem);
  }

  #segment(plan: SegmentNote, stem: string | undefined): void {
    const session = this.#sessions.get(plan.session);
    if (session === undefined) return;
    session.segments.set(plan.segment, { plan, stem });
    const segments = Math.max(session.note.segments, plan.segment);
    this.#sessions.set(plan.session, { ...session, note: { ...session.note, segments } });
  }
}
