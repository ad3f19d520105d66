import type { Durations } from "../disk/durations.js";
import type { AcknowledgedSession, Committer } from "./acknowledged-session.js";
import { Generation, type JournalDisk } from "./generation.js";
import { type JournaledSegment, notesOf } from "./journaled-segment.js";
import { OlderGenerations } from "./older-generations.js";
import { encodeNote, type NamedNote, type Note, type OpenNote, type SegmentNote } from "./records.js";

export interface JournalOptions {
  readonly disk: JournalDisk;
  /** Number of the first generation to write: above every one that is there. */
  readonly firstGeneration: number;
  /** What every generation begins with, besides the segments in progress: it must stand for itself. */
  readonly checkpoint: () => Iterable<Note>;
  /** The disk refuses; called for every attempt. */
  readonly onError: (error: NodeJS.ErrnoException) => void;
  /** Counts how long commits take. */
  readonly durations?: Durations;
}

// A sender learns within a nap (200 ms), this and a sync what is on disk: less than the second that is promised.
const COMMIT_EVERY_MS = 400;
const RETRY_MS = 1000;
// What a crash leaves to be read at the next start, and what older generations keep occupied, stay small.
const GENERATION_BYTES = 32 * 1024 * 1024;
const GENERATION_MS = 60_000;

/**
 * The write-ahead log that all recordings share: with one write and one sync, a few times a second, the frames of
 * all acknowledged streams are safe, so that no stream needs syncs of its own. It also notes which segments are in
 * progress, for recovery.
 */
export class Journal implements Committer {
  readonly #options: JournalOptions;
  readonly #segments = new Set<JournaledSegment>();
  readonly #older: OlderGenerations;
  readonly #pending = new Set<AcknowledgedSession>();
  readonly #notes: Uint8Array[] = [];
  readonly #waiting: { resolve(): void; reject(error: Error): void }[] = [];
  #generation: Generation | undefined;
  /** Files that go when a generation of this run stands for them, and whether any of them was ever committed. */
  readonly #superseded: { readonly path: string; readonly isNeeded: boolean }[] = [];
  #isCommitted = false;
  #nextNumber: number;
  #begunMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #isUrgent = false;
  #isRetry = false;
  #commit: Promise<void> | undefined;
  #closed = false;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#nextNumber = options.firstGeneration;
    this.#older = new OlderGenerations(options.disk.promised, options.onError);
  }

  pending(session: AcknowledgedSession, urgent: boolean): void {
    this.#pending.add(session);
    this.#schedule(urgent);
  }

  /** Writes the note down with the next commit. */
  note(note: Note): void {
    this.#notes.push(encodeNote(note));
    this.#schedule(false);
  }

  /** Writes down something about a segment, and again in every new generation until the segment is finished. */
  tell(segment: JournaledSegment, note: SegmentNote | OpenNote | NamedNote): void {
    this.#segments.add(segment);
    if (note.kind === "segment") segment.plan = note;
    else if (note.kind === "open") segment.file = note;
    else segment.named = note;
    this.note(note);
  }

  /** The segment's files are on disk under their names, or it holds nothing. */
  finished(segment: JournaledSegment): void {
    if (!this.#segments.delete(segment)) return;
    const stem = segment.file?.stem ?? segment.named?.stem;
    if (stem !== undefined) this.note({ kind: "done", stem });
    this.#older.release(segment);
  }

  /**
   * Takes over from `paths`, files of earlier runs: they go once a generation of this run is on disk and `needed`
   * are finished.
   */
  replace(paths: readonly string[], needed: readonly JournaledSegment[]): void {
    for (const segment of needed) this.#segments.add(segment);
    const isEmpty = needed.length === 0 && [...this.#options.checkpoint()].length === 0;
    if (isEmpty) for (const path of paths) this.#older.add(path, []);
    else this.#superseded.push(...paths.map((path) => ({ path, isNeeded: true })));
    if (this.#superseded.length > 0) this.#schedule(true);
  }

  /** Resolves when everything noted so far is on disk, written and synced; rejects when the disk refuses it. */
  settled(isUrgent = false): Promise<void> {
    if (this.#closed) return Promise.reject(new Error("the journal is closed"));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#schedule(isUrgent);
    });
  }

  /** The disk was away: what was written meanwhile may have gone to files that are no more. */
  renew(): void {
    this.#begunMs = Number.NEGATIVE_INFINITY;
    if (this.#segments.size > 0) this.#schedule(true);
  }

  /** Commits what waits, gives up what the disk does not take, and closes. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#commit;
    if (this.#hasWork) await this.#tryCommit();
    const error = new Error("the receiver stopped before the disk took the last audio");
    for (const session of this.#pending) session.abandon(error);
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    await this.#older.idle();
    await this.#generation?.close();
  }

  get #hasWork(): boolean {
    return this.#pending.size > 0 || this.#notes.length > 0 || this.#waiting.length > 0;
  }

  get #acknowledged(): JournaledSegment[] {
    return [...this.#segments].filter(({ session }) => session !== undefined);
  }

  #schedule(urgent: boolean): void {
    if (urgent) this.#isUrgent = true;
    if (this.#closed || this.#commit !== undefined || this.#isRetry) return;
    if (this.#timer !== undefined && !urgent) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#run(), this.#isUrgent ? 0 : COMMIT_EVERY_MS);
  }

  #run(): void {
    this.#isUrgent = false;
    this.#commit = this.#tryCommit().then((isDone) => {
      this.#commit = undefined;
      this.#timer = undefined;
      this.#isRetry = !isDone;
      if (this.#closed) return;
      if (!isDone) this.#timer = setTimeout(() => this.#run(), RETRY_MS);
      else if (this.#hasWork) this.#schedule(this.#isUrgent);
    });
  }

  async #tryCommit(): Promise<boolean> {
    const begunMs = performance.now();
    try {
      await this.#write();
      this.#options.durations?.add(performance.now() - begunMs);
      return true;
    } catch (error) {
      this.#options.onError(error as NodeJS.ErrnoException);
      for (const session of this.#pending) session.refuse(error as Error);
      for (const { reject } of this.#waiting.splice(0)) reject(error as Error);
      await this.#leaveGeneration();
      return false;
    }
  }

  async #write(): Promise<void> {
    const generation = await this.#current();
    const notes = [...this.#notes];
    const waiting = this.#waiting.length;
    const sessions = [...this.#pending];
    await generation.append([...notes, ...sessions.map((session) => session.seal())]);
    if (sessions.length > 0 || waiting > 0) await generation.sync();
    this.#isCommitted = true;
    this.#notes.splice(0, notes.length);
    for (const { resolve } of this.#waiting.splice(0, waiting)) resolve();
    for (const session of sessions) if (!session.confirm()) this.#pending.delete(session);
  }

  async #current(): Promise<Generation> {
    const generation = this.#generation;
    const isYoung = performance.now() - this.#begunMs < GENERATION_MS;
    if (generation !== undefined && isYoung && generation.bytes < GENERATION_BYTES) return generation;
    const notes = [...this.#options.checkpoint(), ...[...this.#segments].flatMap(notesOf)];
    const next = await Generation.create(this.#options.disk, this.#nextNumber++, notes.map(encodeNote));
    await this.#leaveGeneration();
    for (const { path, isNeeded } of this.#superseded.splice(0))
      this.#older.add(path, isNeeded ? this.#acknowledged : []);
    this.#generation = next;
    this.#isCommitted = false;
    this.#begunMs = performance.now();
    return next;
  }

  // After a failed write its end is torn, and what a failed sync has dropped nobody knows: a new one begins. Until
  // then it holds what every session is at, and stays; of what it was to take, nothing was confirmed.
  async #leaveGeneration(): Promise<void> {
    const generation = this.#generation;
    this.#generation = undefined;
    if (generation === undefined) return;
    this.#superseded.push({ path: generation.path, isNeeded: this.#isCommitted });
    await generation.close().catch(this.#options.onError);
  }
}
