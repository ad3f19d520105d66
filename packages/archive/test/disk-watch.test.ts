import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DiskWatch } from "../src/disk/disk-watch.js";
import type { FileSystem } from "../src/disk/file-system.js";

type Done = (error: Error | null, result?: unknown) => void;

/** A disk of which the test says how much is free and what fails. */
class MoodyDisk {
  freeBytes = 1_000_000_000;
  /** Files that fit in all; 0: the file system knows no such limit. */
  files = 1_000_000;
  freeFiles = 900_000;
  /** Calls that fail, and with what. */
  readonly failing = new Map<string, string>();
  readonly calls: string[] = [];
  /** Bytes that a write takes at most. */
  mostAtOnce = Number.POSITIVE_INFINITY;

  readonly fs = {
    statfs: (_path: string, done: Done) =>
      this.#answer("statfs", done, {
        bavail: this.freeBytes / 4096,
        bsize: 4096,
        files: this.files,
        ffree: this.freeFiles,
      }),
    access: (_path: string, _mode: number, done: Done) => this.#answer("access", done),
    open: (path: string, _flags: string, _mode: number, done: Done) =>
      this.#answer("open", done, path.length),
    write: (_fd: number, _b: Buffer, _offset: number, length: number, _position: number, done: Done) =>
      this.#answer("write", done, Math.min(length, this.mostAtOnce)),
    fsync: (_fd: number, done: Done) => this.#answer("fsync", done),
    close: (_fd: number, done: Done) => this.#answer("close", done),
    unlink: (_path: string, done: Done) => this.#answer("unlink", done),
  } as unknown as FileSystem;

  #answer(call: string, done: Done, result?: unknown): void {
    this.calls.push(call);
    const code = this.failing.get(call);
    queueMicrotask(() =>
      code === undefined ? done(null, result) : done(Object.assign(new Error(`${code}: ${call}`), { code })),
    );
  }
}

describe("DiskWatch", () => {
  let disk: MoodyDisk;
  let watch: DiskWatch;
  let changes: string[];

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    disk = new MoodyDisk();
    changes = [];
    const onChange = (trouble: string | undefined, detail: string) =>
      changes.push(`${trouble ?? "well"}: ${detail}`);
    const limits = { minFreeBytes: 500_000_000, minFreeFiles: 1000 };
    watch = new DiskWatch({ fs: disk.fs, dataDir: "/data", ...limits, onChange });
  });

  afterEach(() => {
    watch.stop();
    vi.useRealTimers();
  });

  const fail = (code: string) => watch.report(Object.assign(new Error(`${code}: it failed`), { code }));
  const seconds = (n: number) => vi.advanceTimersByTimeAsync(n * 1000);

  it("knows from the start that too little is free", async () => {
    disk.freeBytes = 100_000_000;
    await watch.start();
    expect(watch.trouble).toBe("disk-full");
    expect(watch.freeBytes).toBe(100_000_000);
    expect(changes).toEqual(["disk-full: 100 MB free, at least 500 MB wanted"]);
  });

  it("says nothing while all is well, and looks every second", async () => {
    await watch.start();
    await seconds(10);
    expect(watch.trouble).toBeUndefined();
    expect(changes).toEqual([]);
    expect(disk.calls).toEqual(Array.from({ length: 11 }, () => ["statfs", "access"]).flat());
  });

  it("stops before the disk is full, and resumes within 5 s when there is space", async () => {
    await watch.start();
    disk.freeBytes = 499_000_000;
    await seconds(2);
    expect(watch.trouble).toBe("disk-full");
    disk.freeBytes = 700_000_000;
    await seconds(5);
    expect(watch.trouble).toBeUndefined();
    expect(changes).toEqual(["disk-full: 499 MB free, at least 500 MB wanted", "well: 700 MB free"]);
  });

  it("does not stop and start in turns while free space hovers round the limit", async () => {
    await watch.start();
    for (let i = 0; i < 20; i++) {
      disk.freeBytes = i % 2 === 0 ? 499_000_000 : 524_000_000;
      await seconds(2);
    }
    expect(changes).toEqual(["disk-full: 499 MB free, at least 500 MB wanted"]);
    disk.freeBytes = 525_000_000; // 5 % more
    await seconds(2);
    expect(watch.trouble).toBeUndefined();
    disk.freeBytes = 501_000_000;
    await seconds(2);
    expect(watch.trouble).toBeUndefined();
  });

  it("knows when there is room for too few files", async () => {
    await watch.start();
    disk.freeFiles = 999;
    await seconds(2);
    disk.freeFiles = 1000;
    await seconds(2);
    expect(changes).toEqual([
      "disk-full: room for 999 more files, at least 1000 wanted",
      "well: 1000 MB free",
    ]);
  });

  it("asks for no room for files where there is no such limit", async () => {
    disk.files = 0;
    disk.freeFiles = 0;
    await watch.start();
    expect(watch.trouble).toBeUndefined();
  });

  it("wants no more than 64 MB more on a large disk", async () => {
    watch.stop();
    const minFreeBytes = 100_000_000_000;
    const onChange = (trouble: string | undefined) => changes.push(trouble ?? "well");
    watch = new DiskWatch({ fs: disk.fs, dataDir: "/data", minFreeBytes, minFreeFiles: 0, onChange });
    disk.freeBytes = minFreeBytes - 1_000_000;
    await watch.start();
    disk.freeBytes = minFreeBytes + 60_000_000;
    await seconds(2);
    expect(changes).toEqual(["disk-full"]);
    disk.freeBytes = minFreeBytes + 65_000_000;
    await seconds(2);
    expect(changes).toEqual(["disk-full", "well"]);
  });

  it("knows how much is free also when the disk takes nothing", async () => {
    await watch.start();
    for (const call of ["access", "open"]) disk.failing.set(call, "EROFS");
    await seconds(3);
    expect([watch.trouble, watch.freeBytes]).toEqual(["disk-unavailable", 1_000_000_000]);
  });

  it.each([
    ["ENOSPC", "disk-full"],
    ["EDQUOT", "disk-full"],
    ["EIO", "disk-unavailable"],
    ["EROFS", "disk-unavailable"],
  ])("takes a recording's %s for %s, until a probe succeeds", async (code, trouble) => {
    await watch.start();
    disk.failing.set("write", code);
    fail(code);
    fail(code);
    await seconds(3);
    expect(changes).toEqual([`${trouble}: ${code}: it failed`]);
    disk.failing.clear();
    await seconds(2);
    expect(changes).toEqual([`${trouble}: ${code}: it failed`, "well: 1000 MB free"]);
  });

  it("probes with data that reach the disk, and leaves nothing behind", async () => {
    await watch.start();
    disk.mostAtOnce = 100_000;
    fail("EIO");
    disk.calls.length = 0;
    await seconds(1);
    expect(disk.calls).toEqual(["statfs", "open", "write", "write", "write", "fsync", "close", "unlink"]);
  });

  it.each(["open", "write", "fsync", "close", "unlink"])(
    "is not well while the probe's %s fails",
    async (call) => {
      await watch.start();
      fail("EIO");
      disk.failing.set(call, "EIO");
      await seconds(4);
      expect(watch.trouble).toBe("disk-unavailable");
      disk.failing.clear();
      await seconds(2);
      expect(watch.trouble).toBeUndefined();
    },
  );

  it("is not well when a recording fails during the probe", async () => {
    await watch.start();
    fail("EIO");
    const fsync = disk.fs.fsync as unknown as (fd: number, done: Done) => void;
    (disk.fs as { fsync: unknown }).fsync = (fd: number, done: Done) => {
      fail("EIO");
      fsync(fd, done);
    };
    await seconds(1);
    expect(watch.trouble).toBe("disk-unavailable");
  });

  it("finds out by itself that the directory has become read-only", async () => {
    await watch.start();
    for (const call of ["access", "open"]) disk.failing.set(call, "EROFS");
    await seconds(3);
    expect(changes).toEqual(["disk-unavailable: EROFS: access"]);
    disk.failing.clear();
    await seconds(2);
    expect(watch.trouble).toBeUndefined();
  });

  it("knows that the directory has gone, and when it is back", async () => {
    await watch.start();
    disk.failing.set("statfs", "ENOENT");
    await seconds(1);
    expect(watch.trouble).toBe("disk-unavailable");
    expect(watch.freeBytes).toBeNaN();
    disk.failing.clear();
    await seconds(1);
    expect(watch.trouble).toBeUndefined();
    expect(watch.freeBytes).toBe(1_000_000_000);
  });

  it("names another reason when it changes", async () => {
    await watch.start();
    fail("EIO");
    disk.freeBytes = 0;
    await seconds(1);
    expect(changes.map((change) => change.split(":")[0])).toEqual(["disk-unavailable", "disk-full"]);
  });

  it("is silent when stopped", async () => {
    await watch.start();
    watch.stop();
    disk.freeBytes = 0;
    await seconds(5);
    fail("EIO");
    expect(changes).toEqual([]);
    expect(disk.calls).toEqual(["statfs", "access"]);
  });
});
