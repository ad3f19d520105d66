import { createRequire } from "node:module";
import { isDeepStrictEqual } from "node:util";
import { LastingThread } from "@audio/archive";
import type { DeletionRequest, LossAnswer } from "../deletion/deletions.js";
import type { Selection } from "../deletion/loss.js";
import type { KeeperEvent } from "../events.js";
import type { KeeperSettings } from "../keeper-settings.js";
import type { KeeperNote } from "../note.js";
import type { KeeperStatus } from "../status.js";
import { Mailbox } from "./mailbox.js";
import type { FromThread, KeeperQuestions, Question, ToThread } from "./messages.js";

/** The keeper, as those who record see it: nothing here waits for it. */
export interface KeeperThread {
  /** Tells it something; forgotten when it is too far behind, and found by it in the files later. */
  tell(event: KeeperEvent): void;
  /** What it was told and has not entered in the catalogue yet, in its order; at most 10 000. */
  readonly untaken: readonly KeeperEvent[];
  /** How the work stands; undefined while there is no thread to ask, or when it takes longer than 2 s to answer. */
  status(): Promise<KeeperStatus | undefined>;
  /** What a deletion by hand would take; undefined as for `status`, but after 30 s. */
  loss(selection: Selection): Promise<LossAnswer | undefined>;
  /**
   * Deletes it for good, files and copies in the store; takes as long as it takes. Undefined: the thread ended meanwhile
   * or could not, as the log says; some of it may be gone.
   */
  remove(request: DeletionRequest): Promise<LossAnswer | undefined>;
  /**
   * From now on these settings hold. Retention and sound events are changed as they are; for the rest the thread is
   * ended and started again, so that what it does at the moment is begun anew, and nothing is lost.
   */
  change(settings: KeeperSettings): void;
  /** Ends the thread; what is not done is done after the next start. */
  close(): Promise<void>;
}

/** What a keeper in a thread of its own is given. */
export interface KeeperThreadOptions {
  readonly settings: KeeperSettings;
  /** Told what belongs into a log. */
  readonly onNote: (note: KeeperNote) => void;
}

// The next start finds what was not done, so no stop of a server waits longer.
const CLOSE_MS = 5000;
const ANSWER_MS = 2000;
const LOSS_MS = 30_000;

/** Starts the keeper in a thread of its own, and again whenever it dies. */
export function startKeeper(options: KeeperThreadOptions): KeeperThread {
  return new Supervisor(options);
}

/** What the keeper's parts look up at each use. */
const LOOKED_UP: readonly (keyof KeeperSettings)[] = ["retention", "minFreeBytes", "soundEvents"];

class Supervisor implements KeeperThread {
  readonly #onNote: KeeperThreadOptions["onNote"];
  readonly #mailbox = new Mailbox((events) => this.#thread.post({ kind: "events", events }));
  readonly #questions = new Map<number, (answer: unknown) => void>();
  readonly #thread: LastingThread<ToThread, FromThread>;
  #settings: KeeperSettings;
  #lastQuestion = 0;

  constructor({ settings, onNote }: KeeperThreadOptions) {
    this.#onNote = onNote;
    this.#settings = settings;
    this.#thread = new LastingThread({
      name: "keeper",
      file: createRequire(import.meta.url).resolve("@audio/keeper/thread"),
      workerData: settings,
      onMessage: (message: FromThread) => this.#receive(message),
      onGone: () => this.#gone(),
      onNote,
    });
  }

  tell(event: KeeperEvent): void {
    this.#mailbox.add(event);
  }

  get untaken(): readonly KeeperEvent[] {
    return this.#mailbox.events;
  }

  status(): Promise<KeeperStatus | undefined> {
    return this.#ask<"status">({ name: "status", asked: undefined }, ANSWER_MS);
  }

  loss(selection: Selection): Promise<LossAnswer | undefined> {
    return this.#ask<"loss">({ name: "loss", asked: selection }, LOSS_MS);
  }

  remove(request: DeletionRequest): Promise<LossAnswer | undefined> {
    return this.#ask<"remove">({ name: "remove", asked: request }, undefined);
  }

  change(settings: KeeperSettings): void {
    const before = this.#settings;
    if (isDeepStrictEqual(before, settings)) return;
    this.#settings = settings;
    const changed = (Object.keys(settings) as (keyof KeeperSettings)[]).filter(
      (key) => !isDeepStrictEqual(before[key], settings[key]),
    );
    if (changed.every((key) => LOOKED_UP.includes(key))) {
      this.#thread.prepare(settings);
      this.#thread.post({ kind: "settings", settings });
      return;
    }
    this.#mailbox.flush();
    this.#mailbox.pause();
    this.#thread.renew(settings, { kind: "stop" }, CLOSE_MS);
  }

  close(): Promise<void> {
    this.#mailbox.flush();
    return this.#thread.close({ kind: "stop" }, CLOSE_MS);
  }

  #receive(message: FromThread): void {
    if (message.kind === "taken") this.#mailbox.taken(message.count);
    else if (message.kind === "note") this.#onNote(message.note);
    else if (message.kind === "answer") this.#answer(message.id, message.answer);
    else this.#mailbox.open();
  }

  #gone(): void {
    this.#mailbox.shut();
    for (const id of [...this.#questions.keys()]) this.#answer(id, undefined);
  }

  #ask<Name extends keyof KeeperQuestions>(
    question: Extract<Question, { name: Name }>,
    longestMs: number | undefined,
  ): Promise<KeeperQuestions[Name]["answer"] | undefined> {
    const id = ++this.#lastQuestion;
    return new Promise((resolve) => {
      const late = longestMs && setTimeout(() => this.#answer(id, undefined), longestMs);
      this.#questions.set(id, (answer) => {
        clearTimeout(late);
        resolve(answer as KeeperQuestions[Name]["answer"] | undefined);
      });
      if (!this.#thread.post({ kind: "question", id, question })) this.#answer(id, undefined);
    });
  }

  #answer(id: number, answer: unknown): void {
    this.#questions.get(id)?.(answer);
    this.#questions.delete(id);
  }
}
