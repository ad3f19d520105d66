import type { KeeperStatus, KeeperThread } from "@audio/keeper";

const GOOD_FOR_MS = 1000;

/** What the keeper says of itself, asked for at most once a second, however many want to know. */
export class KeeperGlance {
  readonly #keeper: Pick<KeeperThread, "status"> | undefined;
  readonly #nowMs: () => number;
  #answer: Promise<KeeperStatus | undefined> = Promise.resolve(undefined);
  #goodUntilMs = Number.NEGATIVE_INFINITY;

  /**
   * @param keeper undefined when there is none
   * @param nowMs monotonic milliseconds
   */
  constructor(keeper: Pick<KeeperThread, "status"> | undefined, nowMs = () => performance.now()) {
    this.#keeper = keeper;
    this.#nowMs = nowMs;
  }

  /** Undefined when there is no keeper, or no answer within 2 s. */
  look(): Promise<KeeperStatus | undefined> {
    if (this.#keeper === undefined || this.#nowMs() < this.#goodUntilMs) return this.#answer;
    this.#goodUntilMs = Number.POSITIVE_INFINITY; // nobody asks again before this is answered
    this.#answer = this.#keeper.status().finally(() => {
      this.#goodUntilMs = this.#nowMs() + GOOD_FOR_MS;
    });
    return this.#answer;
  }
}
