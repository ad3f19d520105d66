import { type TransferListItem, Worker } from "node:worker_threads";

/** What a thread's life gives to log. */
export interface ThreadNote {
  readonly level: "warn" | "error";
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A thread that is started again when it dies, and what it tells. */
export interface LastingThreadOptions<Received> {
  /** `keeper`: how it is called in the log and by tools. */
  readonly name: string;
  /** Path of its module. */
  readonly file: string;
  readonly workerData: unknown;
  /** Told what the thread posts. */
  readonly onMessage: (message: Received) => void;
  /** It died, and with it all that it was asked. */
  readonly onGone: () => void;
  /** Told of its deaths and starts, for a log. */
  readonly onNote: (note: ThreadNote) => void;
}

const FIRST_RESTART_MS = 1000;
const LONGEST_RESTART_MS = 60_000;
// A thread that lived so long did not die of its start.
const HEALTHY_MS = 60_000;

/** A thread of its own for work that must not hold up whoever records; started again whenever it dies. */
export class LastingThread<Sent, Received> {
  readonly #options: LastingThreadOptions<Received>;
  #worker: Worker | undefined;
  #ended: Promise<void> = Promise.resolve();
  #isClosing = false;
  #isRenewing = false;
  #workerData: unknown;
  #restart: NodeJS.Timeout | undefined;
  #restartMs = FIRST_RESTART_MS;

  /** Starts it. */
  constructor(options: LastingThreadOptions<Received>) {
    this.#options = options;
    this.#workerData = options.workerData;
    this.#start();
  }

  /** The next thread gets this, whenever that is. */
  prepare(workerData: unknown): void {
    this.#workerData = workerData;
  }

  /**
   * Tells it to end, and starts another that gets this.
   * @param ms after which it is ended by force
   */
  renew(workerData: unknown, farewell: Sent, ms: number): void {
    this.prepare(workerData);
    if (this.#worker === undefined || this.#isRenewing || this.#isClosing) return; // the next one comes anyway
    this.#isRenewing = true;
    void this.#endWithin(farewell, ms);
  }

  /** @returns whether there is a thread that gets it; whether it lives to read it nobody knows */
  post(message: Sent, transfer: readonly TransferListItem[] = []): boolean {
    this.#worker?.postMessage(message, transfer);
    return this.#worker !== undefined;
  }

  /**
   * Tells it to end, and waits until it has.
   * @param ms after which it is ended by force
   */
  async close(farewell: Sent, ms: number): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#restart);
    await this.#endWithin(farewell, ms);
  }

  async #endWithin(farewell: Sent, ms: number): Promise<void> {
    const worker = this.#worker;
    const late = setTimeout(() => worker?.terminate(), ms);
    worker?.postMessage(farewell);
    await this.#ended;
    clearTimeout(late);
  }

  #start(): void {
    const { name, file, onMessage, onNote } = this.#options;
    const worker = new Worker(file, { workerData: this.#workerData, name, execArgv: [] }); // loaders of the process are not its
    const startedMs = performance.now();
    worker.on("message", onMessage);
    worker.on("error", ({ message: reason }: Error) =>
      onNote({ level: "error", message: `the ${name}'s thread ended`, fields: { reason } }),
    );
    this.#ended = new Promise((resolve) => {
      worker.once("exit", () => {
        this.#gone(performance.now() - startedMs);
        resolve();
      });
    });
    this.#worker = worker;
  }

  #gone(livedMs: number): void {
    const { name, onGone, onNote } = this.#options;
    this.#worker = undefined;
    onGone();
    if (this.#isClosing) return;
    if (this.#isRenewing) {
      this.#isRenewing = false;
      return this.#start();
    }
    if (livedMs > HEALTHY_MS) this.#restartMs = FIRST_RESTART_MS;
    const fields = { inSeconds: this.#restartMs / 1000 };
    onNote({ level: "warn", message: `the ${name}'s thread is started again`, fields });
    this.#restart = setTimeout(() => this.#start(), this.#restartMs);
    this.#restartMs = Math.min(LONGEST_RESTART_MS, this.#restartMs * 2);
  }
}
