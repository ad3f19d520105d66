import { FRAME_HEADER_BYTES, payloadSampleFrames } from "@audio/protocol";
import type { RunPlace, SessionFormat, SessionNote } from "./records.js";
import { RunBuffer } from "./run-buffer.js";

/** How far a session has come. */
export interface Progress {
  /** Sequence number to go on with. */
  readonly nextSeq: number;
  /** Sample frame to go on with. */
  readonly index: number;
  /** UTC in microseconds of that sample frame; undefined before the first. */
  readonly utcUs: number | undefined;
}

/** Brings sessions to the disk. */
export interface Committer {
  /** Writes the note down. */
  note(note: SessionNote): void;
  /** The session has something to be committed; `urgent`: so much that it should be soon. */
  pending(session: AcknowledgedSession, urgent: boolean): void;
}

// More than this is committed at once: a file that is replayed at full speed must not wait for the clock.
const URGENT_BYTES = 128 * 1024;

/**
 * A stream whose sender is told what is on disk, over all its connections. Its frames gather here until they are
 * committed; two buffers take turns, so that frames go on arriving meanwhile.
 */
export class AcknowledgedSession {
  readonly id: number;
  readonly key: string;
  readonly format: SessionFormat;
  /** Nibble order, once it is known. */
  order: "low" | "high" | undefined;
  /** Segments begun so far. */
  segments: number;
  /** Called when frames have come to the disk. */
  onDurable: () => void = () => undefined;
  readonly #committer: Committer;
  #gathering = new RunBuffer();
  #committing = new RunBuffer();
  #run: RunPlace | undefined;
  /** Sample frame behind the last one appended. */
  #index: number;
  #recorded: Progress;
  #sealed: Progress;
  #durable: Progress;
  #account: (bytes: number) => void = () => undefined;
  #takenBytes = 0;
  #durableBytes = 0;
  #dueBytes = 0;
  #abandoned: Error | undefined;
  #waiting: { readonly bytes: number; resolve(): void; reject(error: Error): void }[] = [];

  constructor(committer: Committer, note: SessionNote) {
    this.#committer = committer;
    this.id = note.id;
    this.key = note.key;
    this.format = note.format;
    this.order = note.order;
    this.segments = note.segments;
    this.#recorded = { nextSeq: note.nextSeq, index: note.index, utcUs: note.utcUs };
    this.#sealed = this.#recorded;
    this.#durable = this.#recorded;
    this.#index = note.index;
  }

  /** What was taken so far, on disk or not. */
  get recorded(): Progress {
    this.#endRun();
    return this.#recorded;
  }

  /** What is on disk, written and synced. */
  get durable(): Progress {
    return this.#durable;
  }

  /** What a restart needs to know of the session, as it stands on disk. */
  get note(): SessionNote {
    const { id, key, format, order, segments } = this;
    return { kind: "session", id, key, format, order, segments, ...this.#durable };
  }

  /** From now on `account` is told of bytes that wait for the disk: more, or (negative) fewer. */
  set backlog(account: (bytes: number) => void) {
    const waiting = this.#takenBytes - this.#durableBytes;
    this.#account(-waiting);
    this.#account = account;
    account(waiting);
  }

  /** Whether a frame at this place follows the one before without anything between. */
  continues(segment: number, index: number): boolean {
    return this.#gathering.running && this.#run?.segment === segment && this.#index === index;
  }

  /** What is appended from here on lies at `place`. */
  begin(place: Omit<RunPlace, "session">): void {
    this.#endRun();
    const before = this.#gathering.length;
    this.#run = { ...place, session: this.id };
    this.#gathering.begin(this.#run);
    this.#index = place.index;
    this.#take(this.#gathering.length - before);
  }

  /** Takes a copy of the frame message in bytes[start, end); it follows the one before. */
  append(bytes: Uint8Array, start: number, end: number): void {
    this.#gathering.append(bytes, start, end);
    this.#index += payloadSampleFrames(end - start - FRAME_HEADER_BYTES, this.format);
    this.#take(end - start);
  }

  /** What is appended next does not follow in time: it needs a place of its own. */
  interrupt(): void {
    this.#endRun();
  }

  /** Has what waits committed without delay. */
  hurry(): void {
    if (this.#durableBytes < this.#takenBytes) this.#committer.pending(this, true);
  }

  /** Whether something that was taken before the last call of this has not come to the disk since. */
  isHeldUp(): boolean {
    const isHeldUp = this.#durableBytes < this.#dueBytes;
    this.#dueBytes = this.#takenBytes;
    return isHeldUp;
  }

  /** Resolves when everything appended so far is on disk; rejects when the disk refuses it. */
  settled(): Promise<void> {
    const bytes = this.#takenBytes;
    if (this.#durableBytes >= bytes) return Promise.resolve();
    if (this.#abandoned !== undefined) return Promise.reject(this.#abandoned);
    return new Promise((resolve, reject) => this.#waiting.push({ bytes, resolve, reject }));
  }

  /** What is to be written, as whole records; the same again until `confirm`. */
  seal(): Buffer {
    if (this.#committing.length === 0) {
      this.#endRun();
      this.#sealed = this.#recorded;
      [this.#gathering, this.#committing] = [this.#committing, this.#gathering];
    }
    return this.#committing.records;
  }

  /** What `seal` gave is on disk. Returns whether more waits already. */
  confirm(): boolean {
    const bytes = this.#committing.length;
    this.#committing.clear();
    this.#durable = this.#sealed;
    this.#durableBytes += bytes;
    this.#account(-bytes);
    const isDone = (waiter: { readonly bytes: number }) => waiter.bytes <= this.#durableBytes;
    for (const { resolve } of this.#waiting.filter(isDone)) resolve();
    this.#waiting = this.#waiting.filter((waiter) => !isDone(waiter));
    this.onDurable();
    return this.#gathering.length > 0;
  }

  /** The disk has not taken what waits, which is tried again: whoever waits for it hears so now. */
  refuse(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  /** What waits is given up: it will not be on disk by our doing. */
  abandon(error: Error): void {
    this.#abandoned = error;
    this.refuse(error);
  }

  #take(bytes: number): void {
    const waited = this.#gathering.length - bytes;
    this.#takenBytes += bytes;
    this.#account(bytes);
    const urgent = waited < URGENT_BYTES && this.#gathering.length >= URGENT_BYTES;
    if (waited === 0 || urgent) this.#committer.pending(this, urgent);
  }

  #endRun(): void {
    if (!this.#gathering.running) return;
    const run = this.#run as RunPlace;
    const index = this.#index;
    const utcUs = run.utcUs + Math.round(((index - run.index) * 1_000_000) / this.format.sampleRate);
    this.#recorded = { nextSeq: this.#gathering.end(index), index, utcUs };
  }
}
