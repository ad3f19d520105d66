/** Times of one monotonic clock, in microseconds. */
interface Hold {
  readonly fromUs: number;
  /** Infinity while it lasts. */
  untilUs: number;
}

// What was in the sender's and the network's buffers when we let go still comes in first; live audio is at most this
// much behind by then, and what a device drops until it has caught up is owed to the hold as well.
const LONGEST_AFTERMATH_US = 30_000_000;
const SHORTEST_AFTERMATH_US = 2_000_000;
// A disk at its limit holds and lets go in turns; holds that lie closer than this are one.
const SAME_HOLD_US = 1_000_000;
const REMEMBERED_HOLDS = 16;

/**
 * Remembers when one stream's sender was kept waiting because our disk was behind, and tells whether audio that is
 * missing is owed to that: then the cause of the gap is `overload`, not the device or its network.
 */
export class OverloadWatch {
  readonly #holds: Hold[] = [];

  /** The sender is kept waiting from now on. Again while it is = no change. */
  hold(nowUs: number): void {
    const last = this.#holds.at(-1);
    if (last !== undefined && nowUs - last.untilUs <= SAME_HOLD_US) last.untilUs = Number.POSITIVE_INFINITY;
    else this.#holds.push({ fromUs: nowUs, untilUs: Number.POSITIVE_INFINITY });
    if (this.#holds.length > REMEMBERED_HOLDS) this.#holds.shift();
  }

  /** The sender is read again. Without a hold = no change. */
  release(nowUs: number): void {
    const last = this.#holds.at(-1);
    if (last?.untilUs === Number.POSITIVE_INFINITY) last.untilUs = nowUs;
  }

  /**
   * Whether audio that should have come between `startUs` and `endUs` is missing because we held its sender: a part
   * of it lies in a hold, or in the time after one (as long as the hold itself, 2 to 30 s) in which it caught up.
   */
  explains(startUs: number, endUs: number): boolean {
    return this.#holds.some((hold) => startUs <= endOfAftermath(hold) && endUs >= hold.fromUs);
  }
}

function endOfAftermath({ fromUs, untilUs }: Hold): number {
  const lengthUs = Math.min(LONGEST_AFTERMATH_US, Math.max(SHORTEST_AFTERMATH_US, untilUs - fromUs));
  return untilUs + lengthUs;
}
