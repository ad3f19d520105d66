import type { KeeperEvent } from "../events.js";

// Some 2 kB each: what a keeper that is stuck costs in memory is 40 MB, and it finds the rest in the files.
const MOST_EVENTS = 20_000;
const GATHER_MS = 50;

/** Events on their way to the keeper: gathered, and bounded in number. */
export class Mailbox {
  readonly #post: (events: readonly KeeperEvent[]) => void;
  #waiting: KeeperEvent[] = [];
  /** Posted, and not yet in the catalogue. */
  #posted = 0;
  #isOpen = false;
  #hasForgotten = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(post: (events: readonly KeeperEvent[]) => void) {
    this.#post = post;
  }

  /** Events that are not in the catalogue yet. */
  get size(): number {
    return this.#waiting.length + this.#posted;
  }

  add(event: KeeperEvent): void {
    if (this.size >= MOST_EVENTS) {
      this.#hasForgotten = true;
      return;
    }
    this.#waiting.push(event);
    if (this.#isOpen) this.#timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  /** There is a keeper that takes them. */
  open(): void {
    this.#isOpen = true;
    this.flush();
  }

  /** The keeper is gone, and with it what it had not taken. The next one looks for it as it starts. */
  shut(): void {
    this.#isOpen = false;
    this.#posted = 0;
  }

  taken(count: number): void {
    this.#posted -= count;
    if (!this.#hasForgotten || this.size > MOST_EVENTS / 2) return;
    this.#hasForgotten = false;
    this.add({ type: "look" });
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#isOpen || this.#waiting.length === 0) return;
    const events = this.#waiting;
    this.#waiting = [];
    this.#posted += events.length;
    this.#post(events);
  }
}
