import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { lockDataDir } from "../src/disk/data-dir-lock.js";
import { ArchiveError } from "../src/errors.js";
import { filesBelow, temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const lockOf = (folder: string) => join(folder, "receiver.lock");
const sleeper = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60_000)"]);
afterAll(() => sleeper.kill());

// The 22nd field of /proc/PID/stat, as proc(5) says.
function startedAt(pid: number): string {
  return readFileSync(`/proc/${pid}/stat`, "latin1")
    .replace(/^.*\) /, "")
    .split(" ")[19];
}

async function expectTaken(folder: string): Promise<void> {
  const unlock = await lockDataDir(folder);
  expect(JSON.parse(readFileSync(lockOf(folder), "utf8"))).toEqual({
    pid: process.pid,
    started: startedAt(process.pid),
    space: expect.stringMatching(/^[\da-f-]{36} pid:\[\d+\]$/),
  });
  await unlock();
  expect(filesBelow(folder)).toEqual([]);
}

async function expectRefused(folder: string, pid: number): Promise<void> {
  const before = readFileSync(lockOf(folder), "utf8");
  const message = `data directory ${folder} is in use by process ${pid}: stop that one or choose another --data-dir`;
  await expect(lockDataDir(folder)).rejects.toThrow(new ArchiveError("data-dir-in-use", message));
  expect(readFileSync(lockOf(folder), "utf8")).toBe(before);
}

describe("the lock of a data directory", () => {
  it("is taken, given back, and taken again", async () => {
    const folder = newFolder();
    await expectTaken(folder);
    await expectTaken(folder);
  });

  it("may be given back where there is none any more, or somebody else's", async () => {
    const folder = newFolder();
    const unlock = await lockDataDir(folder);
    rmSync(lockOf(folder));
    await unlock();
    const again = await lockDataDir(folder);
    const others = JSON.stringify({ pid: sleeper.pid, started: "1" });
    writeFileSync(lockOf(folder), others);
    await again();
    expect(readFileSync(lockOf(folder), "utf8")).toBe(others);
  });

  it("keeps out the same process", async () => {
    const folder = newFolder();
    const unlock = await lockDataDir(folder);
    await expectRefused(folder, process.pid);
    await unlock();
    await expectTaken(folder);
  });

  it("keeps out others while its process is alive", async () => {
    const folder = newFolder();
    const pid = sleeper.pid as number;
    writeFileSync(lockOf(folder), JSON.stringify({ pid, started: startedAt(pid) }));
    await expectRefused(folder, pid);
    writeFileSync(lockOf(folder), JSON.stringify({ pid })); // from a system without /proc
    await expectRefused(folder, pid);
  });

  it("does not count when its process is dead", async () => {
    const folder = newFolder();
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    writeFileSync(lockOf(folder), JSON.stringify({ pid, started: "1" }));
    await expectTaken(folder);
  });

  it("does not count when another process has its number now", async () => {
    const folder = newFolder();
    writeFileSync(lockOf(folder), JSON.stringify({ pid: sleeper.pid, started: "1" }));
    await expectTaken(folder);
    writeFileSync(lockOf(folder), JSON.stringify({ pid: process.pid, started: "1" })); // a restarted container
    await expectTaken(folder);
  });

  it.each(["", "{", '{"pid":', "null", "[]", '{"pid":"x"}', "\0\0\0\0"])(
    "does not count when a crash tore it: %j",
    async (text) => {
      const folder = newFolder();
      writeFileSync(lockOf(folder), text);
      await expectTaken(folder);
    },
  );

  it("waits for one who died while taking it, not for long", async () => {
    const folder = newFolder();
    writeFileSync(`${lockOf(folder)}.next`, "");
    const asked = performance.now();
    await expectTaken(folder);
    expect(performance.now() - asked).toBeLessThan(5000);
    expect(existsSync(`${lockOf(folder)}.next`)).toBe(false);
  });

  it.each([
    ["free", undefined],
    ["torn", ""],
    ["of a dead process", JSON.stringify({ pid: process.pid, started: "1" })],
  ])("goes to exactly one of those who ask at once when it is %s", async (_state, left) => {
    for (let run = 0; run < 12; run++) {
      const folder = newFolder();
      if (left !== undefined) writeFileSync(lockOf(folder), left);
      const asked = await Promise.allSettled(
        Array.from({ length: 2 + (run % 7) }, () => lockDataDir(folder)),
      );
      const taken = asked.filter((outcome) => outcome.status === "fulfilled");
      expect(taken).toHaveLength(1);
      await taken[0].value();
      expect(filesBelow(folder)).toEqual([]);
    }
  });
});
