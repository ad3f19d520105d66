/**
 * Time as missing datagrams are waited for. It runs with the clock, but a long pause of this process counts as a short
 * one: what is waited for may lie in the socket, unread.
 */
export class WaitingClock {
  readonly #longestMs: number;
  #ms = 0;
  #tickedUs: number;

  /** @param longestMs the most that the time between two ticks counts */
  constructor(longestMs: number, nowUs: number) {
    this.#longestMs = longestMs;
    this.#tickedUs = nowUs;
  }

  /** Milliseconds, never less than before. */
  at(nowUs: number): number {
    return this.#ms + Math.min((nowUs - this.#tickedUs) / 1000, this.#longestMs);
  }

  tick(nowUs: number): void {
    this.#ms = this.at(nowUs);
    this.#tickedUs = nowUs;
  }
}
