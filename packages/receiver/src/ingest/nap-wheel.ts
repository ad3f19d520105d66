/** Something that sleeps until it is woken. */
export interface Sleeper {
  wake(): void;
}

const SLOTS = 8;
const TICK_MS = 25;

/** How long a nap lasts at most, in ticks, and how long a tick is: the added latency of a live stream. */
export const MAX_NAP_TICKS = SLOTS;
export const NAP_TICK_MS = TICK_MS;

/**
 * Wakes everything whose nap is over, with one timer for all. Between wakes the kernel gathers a stream's
 * frames: with one wake per frame, a thousand live streams cost 2.6 times the CPU (docs/performance.md).
 */
export class NapWheel {
  readonly #slots: Set<Sleeper>[] = Array.from({ length: SLOTS }, () => new Set());
  #slot = 0;
  #asleep = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Wakes `sleeper` once, `ticks` (1 … 8) from now; the first one is under way already. */
  nap(sleeper: Sleeper, ticks: number): void {
    this.#slots[(this.#slot + ticks) % SLOTS].add(sleeper);
    this.#asleep++;
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
  }

  /** Wakes everybody now, and stops the timer. */
  wakeAll(): void {
    for (let i = 0; i < SLOTS; i++) this.#tick();
  }

  #tick(): void {
    this.#slot = (this.#slot + 1) % SLOTS;
    const due = this.#slots[this.#slot];
    this.#slots[this.#slot] = new Set();
    this.#asleep -= due.size;
    for (const sleeper of due) sleeper.wake();
    if (this.#asleep > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
