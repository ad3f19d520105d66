import { WebFailure } from "../web-failure.js";

interface Waiting {
  readonly enter: () => void;
}

/** Room for so many at once; others wait for a short while, in order. */
export class Places {
  readonly #most: number;
  readonly #mostWaiting: number;
  readonly #waitMs: number;
  readonly #waiting = new Set<Waiting>();
  #taken = 0;

  /** @param waitMs how long one waits at most */
  constructor({ most, mostWaiting, waitMs }: { most: number; mostWaiting: number; waitMs: number }) {
    this.#most = most;
    this.#mostWaiting = mostWaiting;
    this.#waitMs = waitMs;
  }

  get taken(): number {
    return this.#taken;
  }

  /**
   * Takes a place, until the signal comes.
   * @throws WebFailure 503 when there is none
   */
  async take(until: AbortSignal): Promise<void> {
    if (this.#taken >= this.#most) await this.#wait(until);
    else this.#taken++;
    if (until.aborted) this.#leave();
    else until.addEventListener("abort", () => this.#leave(), { once: true });
  }

  #leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#taken--;
    else next.enter(); // the place goes from hand to hand
  }

  #wait(until: AbortSignal): Promise<void> {
    if (this.#waiting.size >= this.#mostWaiting) throw this.#full();
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(late);
        until.removeEventListener("abort", giveUp);
        this.#waiting.delete(waiting);
        settle();
      };
      const waiting = { enter: () => end(resolve) };
      const giveUp = () => end(() => reject(this.#full()));
      const late = setTimeout(giveUp, this.#waitMs);
      until.addEventListener("abort", giveUp, { once: true });
      this.#waiting.add(waiting);
    });
  }

  #full(): WebFailure {
    const message = `${this.#most} are decoding or encoding audio already, the most at a time: try again in a moment, or ask for what is a WAV`;
    return new WebFailure(503, message, { "retry-after": "5" });
  }
}
