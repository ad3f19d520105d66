/** Upper bounds of the classes that durations are counted in, in seconds; one more class holds what is longer. */
export const DURATION_BOUNDS: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** How long something took, over all the times it was done: counted in classes, which costs nothing to keep. */
export class Durations {
  readonly #counts = new Float64Array(DURATION_BOUNDS.length + 1);
  #seconds = 0;

  /** How many there were in each class of `DURATION_BOUNDS`, and longer ones at the end. */
  get counts(): Readonly<ArrayLike<number>> {
    return this.#counts;
  }

  /** Their sum, in seconds. */
  get seconds(): number {
    return this.#seconds;
  }

  /** Counts one of so many milliseconds. */
  add(ms: number): void {
    const seconds = ms / 1000;
    let i = 0;
    while (i < DURATION_BOUNDS.length && seconds > DURATION_BOUNDS[i]) i++;
    this.#counts[i]++;
    this.#seconds += seconds;
  }
}
