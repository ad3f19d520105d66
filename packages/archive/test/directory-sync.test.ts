import { describe, expect, it } from "vitest";
import { DirectorySync } from "../src/disk/directory-sync.js";
import type { PromisedFs } from "../src/disk/promised-fs.js";

/** Directories whose fsync ends when the test says so. */
class SlowDirectories {
  readonly opened: string[] = [];
  open = 0;
  readonly #ends: ((error?: Error) => void)[] = [];

  readonly fs = {
    open: async (path: string) => {
      this.open++;
      return this.opened.push(path);
    },
    fsync: () =>
      new Promise<void>((resolve, reject) => {
        this.#ends.push((error) => (error === undefined ? resolve() : reject(error)));
      }),
    close: async () => {
      this.open--;
    },
  } as unknown as PromisedFs;

  /** Ends the oldest fsync that runs. */
  async end(error?: Error): Promise<void> {
    await settle();
    this.#ends.shift()?.(error);
    await settle();
  }
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("DirectorySync", () => {
  it("syncs once for all who ask while it is busy", async () => {
    const directories = new SlowDirectories();
    const sync = new DirectorySync(directories.fs);
    const first = sync.sync("/a");
    const others = Array.from({ length: 1000 }, () => sync.sync("/a"));
    await directories.end();
    await first;
    expect(directories.opened).toEqual(["/a", "/a"]);
    await directories.end();
    await Promise.all(others);
    expect(directories.opened).toEqual(["/a", "/a"]);
    expect(directories.open).toBe(0);
  });

  it("tells nobody that a rename is safe who asked after the fsync had begun", async () => {
    const directories = new SlowDirectories();
    const sync = new DirectorySync(directories.fs);
    const first = sync.sync("/a");
    await settle();
    let late = false;
    const second = sync.sync("/a").then(() => {
      late = true;
    });
    await directories.end();
    await first;
    expect(late).toBe(false);
    await directories.end();
    await second;
    expect(late).toBe(true);
  });

  it("keeps directories apart", async () => {
    const directories = new SlowDirectories();
    const sync = new DirectorySync(directories.fs);
    const both = [sync.sync("/a"), sync.sync("/b")];
    await settle();
    expect(directories.opened).toEqual(["/a", "/b"]);
    await directories.end();
    await directories.end();
    await Promise.all(both);
  });

  it("fails for those whom it concerns, and goes on for the next", async () => {
    const directories = new SlowDirectories();
    const sync = new DirectorySync(directories.fs);
    const first = expect(sync.sync("/a")).rejects.toThrow("EIO");
    const second = sync.sync("/a");
    await directories.end(new Error("EIO"));
    await first;
    await directories.end();
    await expect(second).resolves.toBeUndefined();
    expect(directories.open).toBe(0);
    const third = sync.sync("/a");
    await directories.end();
    await expect(third).resolves.toBeUndefined();
  });

  it.each(["EINVAL", "ENOTSUP"])("asks no more of a file system that has no such fsync: %s", async (code) => {
    const directories = new SlowDirectories();
    const first = new DirectorySync(directories.fs).sync("/a");
    await directories.end(Object.assign(new Error(code), { code }));
    await expect(first).resolves.toBeUndefined();
    expect(directories.open).toBe(0);
  });
});
