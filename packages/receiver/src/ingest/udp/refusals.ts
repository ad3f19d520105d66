import type { EventEmitter } from "node:events";
import type { ReceiverEvents } from "../../events.js";

// Anybody can send anything to a UDP port, under any address: a few lines tell as much as a million.
const LINES_AT_ONCE = 5;
const LINE_EVERY_MS = 10_000;

/** Counts datagrams that are turned away, and tells of some: five at once, then one in 10 s. */
export class Refusals {
  readonly #events: EventEmitter<ReceiverEvents>;
  #untold = 0;
  #lines = LINES_AT_ONCE;
  #refilledMs = Number.NEGATIVE_INFINITY;

  constructor(events: EventEmitter<ReceiverEvents>) {
    this.#events = events;
  }

  /** Counts one; whether it is to be told. */
  count(nowMs: number): boolean {
    const due = Math.floor((nowMs - this.#refilledMs) / LINE_EVERY_MS);
    if (due > 0) {
      this.#lines = Math.min(LINES_AT_ONCE, this.#lines + due);
      this.#refilledMs = nowMs;
    }
    if (this.#lines === 0) this.#untold++;
    return this.#lines > 0;
  }

  /** Tells of the one just counted, and how many went untold since the last. */
  tell(peer: string, reason: string): void {
    this.#lines--;
    const more = this.#untold > 0 ? ` (and ${this.#untold} more datagrams refused since the last line)` : "";
    this.#untold = 0;
    this.#events.emit("refused", { peer, listener: "udp", reason: `${reason}${more}`, code: undefined });
  }
}
