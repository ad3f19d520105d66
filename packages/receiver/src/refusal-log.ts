import type { EventEmitter } from "node:events";
import type { Logger } from "pino";
import type { PeerRefused, ReceiverEvents } from "./events.js";

// A flood must not fill the disk with lines about it; in this time one address gets so many, all together so many.
const WINDOW_MS = 10_000;
const LINES_PER_ADDRESS = 50;
const LINES = 200;

/** One line for a refusal, and a sum instead of more than a few. */
export function logRefusals(events: EventEmitter<ReceiverEvents>, log: Logger): void {
  const window = new RefusalWindow(log);
  events.on("refused", (refusal) => window.add(refusal, performance.now()));
}

class RefusalWindow {
  readonly #log: Logger;
  readonly #lines = new Map<string, number>();
  #startMs = Number.NEGATIVE_INFINITY;
  #logged = 0;
  #untold = 0;

  constructor(log: Logger) {
    this.#log = log;
  }

  add({ peer, listener, reason, code }: PeerRefused, nowMs: number): void {
    if (nowMs - this.#startMs >= WINDOW_MS) this.#begin(nowMs);
    const address = peer.replace(/:\d+$/, "");
    const lines = this.#lines.get(address) ?? 0;
    if (lines >= LINES_PER_ADDRESS || this.#logged >= LINES) this.#hold();
    else {
      this.#lines.set(address, lines + 1);
      this.#logged++;
      this.#log.warn({ peer, listener, code }, `refused: ${reason}`);
    }
  }

  #hold(): void {
    if (this.#untold === 0) setTimeout(() => this.#tell(), WINDOW_MS).unref();
    this.#untold++;
  }

  #tell(): void {
    this.#log.warn({ refusals: this.#untold }, "more were refused: an address gets 50 lines in 10 s");
    this.#untold = 0;
  }

  #begin(nowMs: number): void {
    this.#startMs = nowMs;
    this.#logged = 0;
    this.#lines.clear();
  }
}
