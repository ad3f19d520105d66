import fc from "fast-check";
import { expect, it } from "vitest";
import { BlockPool } from "../src/recording/block-pool.js";
import { copyBytes } from "../src/recording/copy-bytes.js";

it("copies any range to any place, and touches nothing else", () => {
  const pool = new BlockPool(4096, 4);
  const views = fc.record({ shift: fc.nat(9), bytes: fc.uint8Array({ minLength: 1, maxLength: 1500 }) });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(views, fc.nat(1500), fc.nat(1500), fc.nat(2000)), { maxLength: 4 }),
      (copies) => {
        const block = pool.take();
        block.bytes.fill(0xee);
        const expected = Buffer.alloc(4096, 0xee);
        for (const [{ shift, bytes }, a, b, at] of copies) {
          const source = new Uint8Array(shift + bytes.length).subarray(shift);
          source.set(bytes);
          const [start, end] = [a, b].map((i) => Math.min(i, bytes.length)).sort((x, y) => x - y);
          copyBytes(source, start, end, block, at);
          Buffer.from(bytes).copy(expected, at, start, end);
        }
        expect(Buffer.compare(block.bytes, expected)).toBe(0);
        pool.give(block);
      },
    ),
    { numRuns: 1000 },
  );
});

it("copies frames that lie on words one after the other out of one read", () => {
  const block = new BlockPool(4096, 1).take();
  const read = Buffer.from(Array.from({ length: 1023 }, (_, i) => i & 255));
  for (let at = 0; at + 176 <= 1023; at += 176) copyBytes(read, at, at + 176, block, at);
  expect(Buffer.compare(block.bytes.subarray(0, 880), read.subarray(0, 880))).toBe(0);
});

it("keeps no more blocks than it was told", () => {
  const pool = new BlockPool(64, 2);
  const [a, b, c] = [pool.take(), pool.take(), pool.take()];
  for (const block of [a, b, c]) pool.give(block);
  expect([pool.take(), pool.take()]).toEqual([b, a]);
  expect(pool.take()).not.toBe(c);
  expect(a.samples.buffer).toBe(a.bytes.buffer);
});
