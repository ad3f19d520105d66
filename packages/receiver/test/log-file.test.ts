/** The log file: whole lines in order, bounded on the disk and in memory, whatever happens to the file. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import {
  appendFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LogFile, type LogFileOptions } from "../src/log-file/log-file.js";
import { WaitingLines } from "../src/log-file/waiting-lines.js";
import { SmallDisk } from "./support/small-disk.js";
import { temporaryFolder } from "./support/temporary-folder.js";
import { until } from "./support/waiting.js";

type Trouble = [reason: string | undefined, lost: number];

async function opened(path: string, options: Partial<LogFileOptions> = {}) {
  const troubles: Trouble[] = [];
  const onTrouble = (...trouble: Trouble) => void troubles.push(trouble);
  const log = await LogFile.open({ path, maxBytes: 0, keep: 1, onTrouble, ...options });
  return { log, troubles };
}

const line = (n: number) => `${String(n).padStart(9, "0")}\n`;
const text = (path: string) => readFile(path, "utf8").catch(() => "");

describe("a log file", () => {
  it("is put aside when the next line does not fit, and the oldest goes", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "receiver.log");
    for (const [number, other] of [
      [7, "left by more that were kept"],
      [2, "one"],
      [1, "two"],
    ] as const)
      await writeFile(`${path}.${number}`, other);
    for (const other of ["receiver.log.gz", "receiver.log.1.gz", "other.log.1"])
      await writeFile(join(folder.path, other), "not ours");
    const { log, troubles } = await opened(path, { maxBytes: 100, keep: 3 });
    for (let n = 0; n < 45; n++) log.write(line(n));
    await log.close();
    expect((await readdir(folder.path)).sort()).toEqual([
      "other.log.1",
      "receiver.log",
      "receiver.log.1",
      "receiver.log.1.gz",
      "receiver.log.2",
      "receiver.log.gz",
    ]);
    const kept = await Promise.all([`${path}.2`, `${path}.1`, path].map(text));
    expect(kept.join("")).toBe(Array.from({ length: 25 }, (_, i) => line(20 + i)).join(""));
    expect(Math.max(...kept.map((each) => each.length))).toBe(100);
    expect(troubles).toEqual([]);
  });

  it("goes on where an earlier run has ended, and begins anew when it may keep but one", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "logs", "receiver.log");
    for (const n of [0, 1]) {
      const { log } = await opened(path, { maxBytes: 25 });
      log.write(line(n));
      await log.close();
    }
    expect(await text(path)).toBe(line(0) + line(1));
    expect((await stat(path)).mode & 0o027).toBe(0);
    const { log } = await opened(path, { maxBytes: 25 });
    log.write(line(2));
    await log.close();
    expect([await text(path), await readdir(join(folder.path, "logs"))]).toEqual([line(2), ["receiver.log"]]);
  });

  it.each([
    ["a folder", "folder", /is no regular file/],
    ["a pipe, which nobody reads", "pipe", /is no regular file/],
    ["below a file", "file/receiver.log", /ENOTDIR/],
    ["in folders that are not there", "no/such/receiver.log", /ENOENT/],
  ])("%s is refused at the start, in one line", async (_, name, why) => {
    await using folder = await temporaryFolder();
    await mkdir(join(folder.path, "folder"));
    await writeFile(join(folder.path, "file"), "");
    execFileSync("mkfifo", [join(folder.path, "pipe")]);
    const refused = await opened(join(folder.path, name)).catch((error: Error) => error);
    expect(refused).toMatchObject({ code: "invalid-setting", message: expect.stringMatching(why) });
    expect((refused as Error).message).toContain(join(folder.path, name));
    expect((refused as Error).message).not.toContain("\n");
  });

  it("is found again when it is renamed, removed with its folder, or emptied; a folder may be gone for a while", async () => {
    await using folder = await temporaryFolder();
    const logs = join(folder.path, "logs");
    const path = join(logs, "receiver.log");
    const { log, troubles } = await opened(path, { maxBytes: 1000, keep: 2 });
    let n = 0;
    const comes = () =>
      until("a line in the file", async () => {
        log.write(line(n++));
        return (await text(path)) !== "";
      });
    await comes();
    await rename(path, `${path}.aside`);
    await comes();
    await rm(logs, { recursive: true });
    await comes();
    await truncate(path);
    await comes();
    await rename(path, `${path}.aside`);
    log.reopen();
    await until("a file, without a line for it", () => existsSync(path));
    expect(troubles).toEqual([]);
    await rm(logs, { recursive: true });
    await writeFile(logs, "in its place");
    log.reopen();
    await until("it is told", () => troubles.length === 1);
    log.write("kept\n");
    await rm(logs);
    await until("what waited", async () => (await text(path)) === "kept\n");
    expect(troubles).toEqual([
      [expect.stringContaining("ENOTDIR"), 0],
      [undefined, 0],
    ]);
    await log.close();
  });

  it("waits out a full disk, and knows what it lost", async () => {
    await using disk = await SmallDisk.mount("size=1m");
    const path = join(disk.path, "receiver.log");
    const { log, troubles } = await opened(path, { maxBytes: 300_000, keep: 2 });
    log.write(line(0));
    await until("a line", async () => (await text(path)) === line(0));
    await disk.fill();
    const most = 130_000; // ten bytes each: more than may wait
    for (let n = 1; n < most; n++) log.write(line(n));
    await until("it is told", () => troubles.length === 1);
    expect(troubles[0]).toEqual([expect.stringContaining("ENOSPC"), 0]);
    await disk.clear();
    await until("it goes on", () => troubles.length === 2);
    const [, [, lost]] = troubles;
    expect(lost).toBeGreaterThan(1000);
    await until("all that waited", async () => (await text(path)).endsWith(line(most - 1 - lost)));
    const both = (await text(`${path}.1`)) + (await text(path));
    expect(
      both
        .split("\n")
        .slice(0, -1)
        .every((each) => /^\d{9}$/.test(each)),
    ).toBe(true);
    expect((await stat(path)).size).toBeLessThanOrEqual(300_000);
    log.write(line(most));
    await log.close();
    expect((await text(path)).endsWith(line(most))).toBe(true);
  });

  it("is closed in time on a disk that takes nothing", async () => {
    await using disk = await SmallDisk.mount("size=64k");
    const { log } = await opened(join(disk.path, "receiver.log"));
    await disk.fill();
    await appendFile(join(disk.path, "receiver.log"), "x").catch(() => undefined);
    for (let n = 0; n < 10_000; n++) log.write(line(n));
    await log.close();
    log.write(line(1));
  });
});

describe("lines that wait", () => {
  it("come out whole and in order, however they are written, also into a new file", () => {
    const steps = fc.array(
      fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }), isAnew: fc.boolean() }),
    );
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-zä]{0,30}$/)), steps, (words, all) => {
        const lines = new WaitingLines(64);
        for (const word of words) lines.add(`${word}\n`);
        const files = [""];
        for (const { share, isAnew } of [...all, ...words.map(() => ({ share: 1, isAnew: false }))]) {
          const bytes = lines.next();
          if (bytes === undefined) break;
          const written = Math.floor(share * bytes.byteLength);
          files[files.length - 1] += bytes.subarray(0, written).toString("latin1");
          lines.written(written);
          if (isAnew) {
            lines.beginLineAnew();
            files.push("");
          }
        }
        const whole = files.map((file, i) => (i < files.length - 1 ? file.replace(/[^\n]*$/, "") : file));
        expect(Buffer.from(whole.join(""), "latin1").toString()).toBe(
          words.map((word) => `${word}\n`).join(""),
        );
        expect([lines.isEmpty, lines.takeLost()]).toEqual([true, 0]);
      }),
    );
  });
});
