const SHOW_EVERY_MS = 100;

/** A line on a terminal that is written over and over; nothing where there is none. */
export class ProgressLine {
  readonly #isShown = process.stderr.isTTY === true;
  #lastMs = Number.NEGATIVE_INFINITY;

  show(text: string): void {
    const nowMs = performance.now();
    if (!this.#isShown || nowMs - this.#lastMs < SHOW_EVERY_MS) return;
    this.#lastMs = nowMs;
    process.stderr.write(`\r\u001b[K${text.slice(0, process.stderr.columns - 1)}`);
  }

  clear(): void {
    if (this.#isShown) process.stderr.write("\r\u001b[K");
  }
}
