import { createRequire } from "node:module";
import { resolve } from "node:path";
import { ArchiveError, type ArchiveErrorCode } from "../errors.js";
import { LastingThread, type ThreadNote } from "../lasting-thread.js";
import type { FromReader, ReaderThreadData, ToReader } from "./messages.js";
import { type ArchiveQuestions, QUESTIONS, type QuestionName } from "./questions.js";

/**
 * The catalogue, asked from a thread that records: each question is answered by another thread, in the order in which
 * they are asked. All of them reject with an ArchiveError: `catalogue-missing`, `catalogue-broken`,
 * `catalogue-newer`, `catalogue-unusable`, as the catalogue is now (it is looked at again for the next question),
 * `reader-busy` when too many wait or an answer takes too long, `reader-stopped` when there is no thread.
 */
export type ArchiveReader = {
  readonly [Name in QuestionName]: (
    ...args: Parameters<ArchiveQuestions[Name]>
  ) => Promise<Awaited<ReturnType<ArchiveQuestions[Name]>>>;
} & {
  /** Ends the thread; what still waits is rejected. */
  close(): Promise<void>;
};

/** What a reader of the catalogue in a thread of its own is given. */
export interface ArchiveReaderOptions {
  readonly dataDir: string;
  /** Told of the thread's life, for a log. */
  readonly onNote?: (note: ThreadNote) => void;
  /** Questions that may wait for their answer (default 256). */
  readonly mostWaiting?: number;
  /** How long an answer may take, the time in the queue included (default 30 s). */
  readonly answerMs?: number;
}

const MOST_WAITING = 256;
const ANSWER_MS = 30_000;
const CLOSE_MS = 2000;
// One is answered, the next lies ready: what waits longer than it may never gets to the thread.
const AT_ONCE = 2;

/** Opens the catalogue of a data directory to be read from another thread, which starts with the first question. */
export function openArchiveReader(options: ArchiveReaderOptions): ArchiveReader {
  const asker = new Asker(options);
  const asked = QUESTIONS.map((name) => [name, (...args: unknown[]) => asker.ask(name, args)] as const);
  return { ...Object.fromEntries(asked), close: () => asker.close() } as ArchiveReader;
}

interface Question {
  readonly id: number;
  readonly name: QuestionName;
  readonly args: readonly unknown[];
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly late: NodeJS.Timeout;
}

class Asker {
  readonly #options: ArchiveReaderOptions;
  readonly #waiting = new Map<number, Question>();
  readonly #sent = new Map<number, Question>();
  #thread: LastingThread<ToReader, FromReader> | undefined;
  #isClosed = false;
  #lastId = 0;

  constructor(options: ArchiveReaderOptions) {
    this.#options = options;
  }

  ask(name: QuestionName, args: readonly unknown[]): Promise<unknown> {
    const { mostWaiting = MOST_WAITING, answerMs = ANSWER_MS } = this.#options;
    if (this.#isClosed) return Promise.reject(stopped());
    if (this.#waiting.size >= mostWaiting)
      return Promise.reject(
        new ArchiveError("reader-busy", `${mostWaiting} questions wait for the catalogue: ask again later`),
      );
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => this.#isLate(id, answerMs), answerMs);
      this.#waiting.set(id, { id, name, args, resolve, reject, late });
      this.#send();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#rejectAll();
    await this.#thread?.close({ kind: "stop" }, CLOSE_MS);
  }

  #send(): void {
    this.#thread ??= this.#start();
    for (const [id, question] of this.#waiting) {
      if (this.#sent.size >= AT_ONCE) return;
      this.#waiting.delete(id);
      this.#sent.set(id, question);
      const { name, args } = question;
      if (!this.#thread.post({ kind: "question", id, name, args })) this.#rejectAll(); // it will be started again
    }
  }

  #start(): LastingThread<ToReader, FromReader> {
    const { dataDir, onNote = () => undefined } = this.#options;
    const workerData: ReaderThreadData = { dataDir: resolve(dataDir) };
    return new LastingThread({
      name: "reader",
      file: createRequire(import.meta.url).resolve("@audio/archive/reader-thread"),
      workerData,
      onMessage: (message: FromReader) => this.#receive(message),
      onGone: () => this.#rejectAll(),
      onNote,
    });
  }

  #receive(message: FromReader): void {
    const question = this.#sent.get(message.id);
    this.#sent.delete(message.id);
    if (question !== undefined) {
      clearTimeout(question.late);
      if (message.kind === "answer") question.resolve(message.answer);
      else question.reject(errorFrom(message.code, message.message));
    }
    this.#send();
  }

  // The thread may be at it still: its place is free when it answers, which nobody hears.
  #isLate(id: number, answerMs: number): void {
    const question = this.#waiting.get(id) ?? this.#sent.get(id);
    this.#waiting.delete(id);
    question?.reject(
      new ArchiveError("reader-busy", `the catalogue has not answered for ${answerMs / 1000} s`),
    );
  }

  #rejectAll(): void {
    for (const questions of [this.#sent, this.#waiting]) {
      for (const { reject, late } of questions.values()) {
        clearTimeout(late);
        reject(stopped());
      }
      questions.clear();
    }
  }
}

function errorFrom(code: ArchiveErrorCode | undefined, message: string): Error {
  return code === undefined ? new Error(message) : new ArchiveError(code, message);
}

function stopped(): ArchiveError {
  return new ArchiveError(
    "reader-stopped",
    "nobody reads the catalogue at the moment: ask again in some seconds",
  );
}
