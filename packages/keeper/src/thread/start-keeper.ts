import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import type { KeeperEvent } from "../events.js";
import type { KeeperSettings } from "../keeper-settings.js";
import type { KeeperNote } from "../note.js";
import type { KeeperStatus } from "../status.js";
import { Mailbox } from "./mailbox.js";
import type { FromThread, ToThread } from "./messages.js";

/** The keeper, as those who record see it: nothing here waits for it. */
export interface KeeperThread {
  /** Tells it something; forgotten when it is too far behind, and found by it in the files later. */
  tell(event: KeeperEvent): void;
  /** How the work stands; undefined while there is no thread to ask, or when it takes longer than 2 s to answer. */
  status(): Promise<KeeperStatus | undefined>;
  /** Ends the thread; what is not done is done after the next start. */
  close(): Promise<void>;
}

export interface KeeperThreadOptions {
  readonly settings: KeeperSettings;
  readonly onNote: (note: KeeperNote) => void;
}

// The next start finds what was not done, so no stop of a server waits longer.
const CLOSE_MS = 5000;
const ANSWER_MS = 2000;
const FIRST_RESTART_MS = 1000;
const LONGEST_RESTART_MS = 60_000;
// A thread that lived so long did not die of its start.
const HEALTHY_MS = 60_000;

/** Starts the keeper in a thread of its own, and again whenever it dies. */
export function startKeeper(options: KeeperThreadOptions): KeeperThread {
  return new Supervisor(options);
}

class Supervisor implements KeeperThread {
  readonly #options: KeeperThreadOptions;
  readonly #mailbox = new Mailbox((events) => this.#post({ kind: "events", events }));
  readonly #questions = new Map<number, (status: KeeperStatus | undefined) => void>();
  #worker: Worker | undefined;
  #ended: Promise<void> = Promise.resolve();
  #isClosing = false;
  #restart: NodeJS.Timeout | undefined;
  #restartMs = FIRST_RESTART_MS;
  #lastQuestion = 0;

  constructor(options: KeeperThreadOptions) {
    this.#options = options;
    this.#start();
  }

  tell(event: KeeperEvent): void {
    this.#mailbox.add(event);
  }

  status(): Promise<KeeperStatus | undefined> {
    const id = ++this.#lastQuestion;
    return new Promise((resolve) => {
      const late = setTimeout(() => this.#answer(id, undefined), ANSWER_MS);
      this.#questions.set(id, (status) => {
        clearTimeout(late);
        resolve(status);
      });
      if (!this.#post({ kind: "status", id })) this.#answer(id, undefined);
    });
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#restart);
    this.#mailbox.flush();
    const late = setTimeout(() => this.#worker?.terminate(), CLOSE_MS);
    this.#post({ kind: "stop" });
    await this.#ended;
    clearTimeout(late);
  }

  #start(): void {
    const { settings } = this.#options;
    const file = createRequire(import.meta.url).resolve("@audio/keeper/thread");
    const worker = new Worker(file, { workerData: settings, name: "keeper", execArgv: [] }); // loaders of the process are not its
    const startedMs = performance.now();
    worker.on("message", (message: FromThread) => this.#receive(message));
    worker.on("error", (error: Error) =>
      this.#say("error", "the keeper's thread ended", { reason: error.message }),
    );
    this.#ended = new Promise((resolve) => {
      worker.once("exit", () => {
        this.#gone(performance.now() - startedMs);
        resolve();
      });
    });
    this.#worker = worker;
  }

  #receive(message: FromThread): void {
    if (message.kind === "taken") this.#mailbox.taken(message.count);
    else if (message.kind === "note") this.#options.onNote(message.note);
    else if (message.kind === "status") this.#answer(message.id, message.status);
    else this.#mailbox.open();
  }

  #gone(livedMs: number): void {
    this.#worker = undefined;
    this.#mailbox.shut();
    for (const id of [...this.#questions.keys()]) this.#answer(id, undefined);
    if (this.#isClosing) return;
    if (livedMs > HEALTHY_MS) this.#restartMs = FIRST_RESTART_MS;
    this.#say("warn", "the keeper's thread is started again", { inSeconds: this.#restartMs / 1000 });
    this.#restart = setTimeout(() => this.#start(), this.#restartMs);
    this.#restartMs = Math.min(LONGEST_RESTART_MS, this.#restartMs * 2);
  }

  #answer(id: number, status: KeeperStatus | undefined): void {
    this.#questions.get(id)?.(status);
    this.#questions.delete(id);
  }

  #post(message: ToThread): boolean {
    this.#worker?.postMessage(message);
    return this.#worker !== undefined;
  }

  #say(level: KeeperNote["level"], message: string, fields: KeeperNote["fields"]): void {
    this.#options.onNote({ level, message, fields });
  }
}
