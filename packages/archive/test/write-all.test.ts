import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FileSystem } from "../src/disk/file-system.js";
import { writeAll } from "../src/disk/write-all.js";

/** A disk that takes so many bytes of each call, in turn, and never more than 1024 buffers. */
function shortDisk(takes: readonly number[]) {
  const content: number[] = [];
  let calls = 0;
  const writev = (
    _: number,
    buffers: Uint8Array[],
    position: number,
    done: (error: null, written: number) => void,
  ) => {
    expect(buffers.length).toBeLessThanOrEqual(1024);
    const bytes = Buffer.concat(buffers).subarray(0, takes[calls++ % takes.length]);
    for (const [i, byte] of bytes.entries()) content[position + i] = byte;
    setImmediate(() => done(null, bytes.length));
  };
  return { fs: { writev } as unknown as FileSystem, content, calls: () => calls };
}

describe("writeAll", () => {
  it("writes every byte in its place, however little the disk takes at a time", async () => {
    const buffers = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 20 });
    const takes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(buffers, takes, fc.nat(10), async (list, taken, position) => {
        const disk = shortDisk(taken);
        const all = Buffer.concat(list);
        expect(await writeAll(disk.fs, 1, list, position)).toBe(all.length);
        expect(disk.content.slice(position)).toEqual([...all]);
      }),
    );
  });

  it("needs few calls for many buffers, and none for nothing", async () => {
    const disk = shortDisk([1_000_000]);
    await writeAll(
      disk.fs,
      1,
      Array.from({ length: 2000 }, () => Uint8Array.of(1, 2)),
      0,
    );
    expect(disk.calls()).toBe(4);
    expect(disk.content.length).toBe(4000);
    expect(await writeAll(disk.fs, 1, [new Uint8Array(0)], 0)).toBe(0);
    expect(disk.calls()).toBe(4);
  });

  it("fails with what the disk says", async () => {
    const writev = (_fd: number, _buffers: unknown, _at: number, done: (error: Error) => void) =>
      done(Object.assign(new Error("full"), { code: "ENOSPC" }));
    const disk = { writev } as unknown as FileSystem;
    await expect(writeAll(disk, 1, [Uint8Array.of(1)], 0)).rejects.toMatchObject({ code: "ENOSPC" });
  });
});
