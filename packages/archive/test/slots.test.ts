import { expect, it, vi } from "vitest";
import { Slots } from "../src/recording/slots.js";
import { gate } from "./support/faulty-fs.js";

it("runs no more tasks at a time than it has slots, in the order in which they came", async () => {
  const slots = new Slots(2);
  const gates = Array.from({ length: 6 }, gate);
  const begun: number[] = [];
  const all = gates.map(({ passed }, i) =>
    slots.run(async () => {
      begun.push(i);
      await passed;
      return i;
    }),
  );
  for (const { open } of gates) {
    await new Promise((resolve) => setImmediate(resolve));
    expect(begun.length).toBeLessThanOrEqual(gates.findIndex((one) => one.open === open) + 2);
    open();
  }
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(begun).toEqual([0, 1, 2, 3, 4, 5]);
});

it("knows how long the oldest task has been running", async () => {
  const slots = new Slots(2);
  expect(slots.longestMs).toBe(0);
  const [first, second] = [gate(), gate()];
  const tasks = [slots.run(() => first.passed), slots.run(() => second.passed)];
  await vi.waitFor(() => expect(slots.longestMs).toBeGreaterThan(20), { interval: 5 });
  second.open();
  await tasks[1];
  expect(slots.longestMs).toBeGreaterThan(20);
  first.open();
  await tasks[0];
  expect(slots.longestMs).toBe(0);
});

it("frees the slot of a task that fails", async () => {
  const slots = new Slots(1);
  await expect(slots.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  const waiting = [slots.run(() => Promise.reject(new Error("again"))), slots.run(async () => "done")];
  await expect(waiting[0]).rejects.toThrow("again");
  await expect(waiting[1]).resolves.toBe("done");
});
