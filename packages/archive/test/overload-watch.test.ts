import { describe, expect, it } from "vitest";
import { OverloadWatch } from "../src/recording/overload-watch.js";

const SECOND = 1_000_000;

function held(...holds: readonly [number, number][]): OverloadWatch {
  const watch = new OverloadWatch();
  for (const [from, until] of holds) {
    watch.hold(from * SECOND);
    watch.release(until * SECOND);
  }
  return watch;
}

const explains = (watch: OverloadWatch, from: number, to: number) =>
  watch.explains(from * SECOND, to * SECOND);

describe("OverloadWatch", () => {
  it("explains nothing when nobody was held", () => {
    expect(explains(new OverloadWatch(), 0, 100)).toBe(false);
    const watch = new OverloadWatch();
    watch.release(SECOND);
    expect(explains(watch, 0, 100)).toBe(false);
  });

  it("explains what is missing of the time of a hold", () => {
    const watch = held([10, 20]);
    expect(explains(watch, 12, 14)).toBe(true);
    expect(explains(watch, 5, 11)).toBe(true);
    expect(explains(watch, 19, 40)).toBe(true);
    expect(explains(watch, 0, 9)).toBe(false);
  });

  it("explains what is missing while the sender catches up: as long as the hold, 2 s to 30 s", () => {
    expect(explains(held([10, 20]), 29, 31)).toBe(true);
    expect(explains(held([10, 20]), 31, 32)).toBe(false);
    expect(explains(held([10, 10.1]), 12, 13)).toBe(true);
    expect(explains(held([10, 10.1]), 12.2, 13)).toBe(false);
    expect(explains(held([10, 1000]), 1029, 1031)).toBe(true);
    expect(explains(held([10, 1000]), 1031, 1032)).toBe(false);
  });

  it("explains everything since a hold that lasts", () => {
    const watch = new OverloadWatch();
    watch.hold(10 * SECOND);
    watch.hold(15 * SECOND);
    expect(explains(watch, 500, 501)).toBe(true);
    expect(explains(watch, 8, 9)).toBe(false);
    watch.release(20 * SECOND);
    expect(explains(watch, 500, 501)).toBe(false);
  });

  it("takes holds that follow closely for one, and forgets old ones", () => {
    const flapping = Array.from({ length: 1000 }, (_, i): [number, number] => [i / 10, i / 10 + 0.05]);
    expect(explains(held(...flapping), 1, 2)).toBe(true);
    const many = Array.from({ length: 1000 }, (_, i): [number, number] => [i * 100, i * 100 + 1]);
    expect(explains(held(...many), 99_900, 99_901)).toBe(true);
    expect(explains(held(...many), 0, 1)).toBe(false);
  });
});
