import type { KeeperEvent } from "../events.js";

// Some 2 kB each, here and again in the thread: what a keeper that is stuck costs in memory is 40 MB, and it finds the
// rest in the files.
const MOST_EVENTS = 10_000;
const GATHER_MS = 50;

/** Events on their way to the keeper: gathered, and bounded in number. */
export class Mailbox {
  readonly #post: (events: readonly KeeperEvent[]) => void;
  #waiting: KeeperEvent[] = [];
  /** Posted, and not yet in the catalogue. */
  #posted: KeeperEvent[] = [];
  #isOpen = false;
  #hasForgotten = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(post: (events: readonly KeeperEvent[]) => void) {
    this.#post = post;
  }

  /** Events that are not in the catalogue yet. */
  get size(): number {
    return this.#waiting.length + this.#posted.length;
  }

  /** Events that are not in the catalogue yet, in their order. */
  get events(): KeeperEvent[] {
    return [...this.#posted, ...this.#waiting];
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

  /** What comes now waits for the next keeper. */
  pause(): void {
    this.#isOpen = false;
  }

  /** The keeper is gone, and with it what it had not taken. The next one looks for it as it starts. */
  shut(): void {
    this.#isOpen = false;
    this.#posted = [];
  }

  /** So many are in the catalogue; it takes them in their order. */
  taken(count: number): void {
    this.#posted.splice(0, count);
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
    this.#posted.push(...events);
    this.#post(events);
  }
}
