import { expect, it } from "vitest";
import type { DiskHookEvent } from "../src/index.js";
import { LowDiskWatch } from "../src/low-disk-watch.js";

function warningsOf(hours: readonly (number | undefined)[], isLimiting = false): (number | undefined)[] {
  const told: DiskHookEvent[] = [];
  let hoursLeft: number | undefined;
  const watch = new LowDiskWatch({
    status: () => ({ isLimiting, freeBytes: 5, hoursLeft }),
    hook: (event) => told.push(event),
    tell: () => undefined,
    now: () => 7,
  });
  for (const left of hours) {
    hoursLeft = left;
    watch.look();
  }
  expect(
    told.every(({ event, trouble, atUs }) => event + trouble + atUs === "disk:lowdisk-filling7000"),
  ).toBe(true);
  return told.map((event) => event.hoursLeft);
}

it("a disk that fills within a day is told of once, and again after it was well", () => {
  expect(warningsOf([undefined, 300, 25, 23.96, 20, 25, 30, 3])).toEqual([24]);
  expect(warningsOf([10, 37, 12, 11])).toEqual([10, 12]);
  expect(warningsOf([10, undefined, 0])).toEqual([10, 0]);
});

it("where retention deletes, nothing is told", () => expect(warningsOf([10, 0], true)).toEqual([]));
