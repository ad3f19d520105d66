import type { Sample } from "./family.js";

/** Counts by labels, in plain numbers: what is counted often costs a look into a map, and what is never read nothing. */
export class Tally {
  readonly #names: readonly string[];
  readonly #counts = new Map<string, { readonly values: readonly string[]; count: number }>();

  /** @param names of the labels */
  constructor(...names: readonly string[]) {
    this.#names = names;
  }

  /** Has 0 told of these values of a single label: a rate needs a value before the first event. */
  expect(values: readonly string[]): this {
    for (const value of values) this.add(0, value);
    return this;
  }

  /** Counts `amount` more for these values of the labels, in their order. */
  add(amount: number, ...values: readonly string[]): void {
    const key = values.join("\0");
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, { values, count: amount });
    else known.count += amount;
  }

  get samples(): Sample[] {
    return Array.from(this.#counts.values(), ({ values, count }) => ({
      labels: Object.fromEntries(this.#names.map((name, i) => [name, values[i]])),
      value: count,
    }));
  }

  /** A copy to count further in. */
  clone(): Tally {
    const copy = new Tally(...this.#names);
    for (const { values, count } of this.#counts.values()) copy.add(count, ...values);
    return copy;
  }
}
