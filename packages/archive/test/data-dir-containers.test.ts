/** Two containers on one data directory: each has a process 1, and neither sees the other's. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { lockDataDir } from "../src/disk/data-dir-lock.js";
import { lightBeacon } from "../src/disk/lock-beacon.js";
import { temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const ARCHIVE = join(import.meta.dirname, "../dist/index.js");
const PROGRAM = `
  import { lockDataDir } from ${JSON.stringify(ARCHIVE)};
  try {
    const unlock = await lockDataDir(process.argv[1]);
    console.log("process", process.pid, "has it");
    process.stdin.on("end", unlock).resume();
  } catch ({ code, message }) {
    console.log(code, message);
  }`;

const containers: ChildProcess[] = [];
afterAll(() => {
  for (const container of containers) container.kill("SIGKILL");
});

/** Starts a process 1 that takes the lock, and keeps it until its input ends; resolves with the first that it says. */
async function startContainer(folder: string) {
  const asRoot = process.getuid?.() === 0 ? [] : ["--map-root-user"];
  const space = [...asRoot, "--pid", "--fork", "--kill-child", "--mount-proc"];
  const program = [process.execPath, "--input-type=module", "-e", PROGRAM, folder];
  const container = spawn("unshare", [...space, ...program], { stdio: ["pipe", "pipe", "inherit"] });
  containers.push(container);
  const [said] = await once(container.stdout, "data");
  return { container, said: String(said).trim() };
}

it("the second is refused while the first lives, and let in when it was killed", async () => {
  const folder = newFolder();
  const first = await startContainer(folder);
  expect(first.said).toBe("process 1 has it");
  const second = await startContainer(folder);
  expect(second.said).toMatch(
    /^data-dir-in-use .* in use by process 1 of another container: stop that one or/,
  );
  await expect(lockDataDir(folder)).rejects.toThrow(/process 1 of another container/);
  first.container.kill("SIGKILL");
  await once(first.container, "exit");
  expect(existsSync(join(folder, "receiver.lock"))).toBe(true);
  const third = await startContainer(folder);
  expect(third.said).toBe("process 1 has it");
  third.container.stdin.end();
  await once(third.container, "exit");
  expect(existsSync(join(folder, "receiver.lock"))).toBe(false);
});

it("one of another container, of which the disk takes no sign, counts as dead", async () => {
  const folder = newFolder();
  const others = { pid: 1, started: "1", space: "another" };
  writeFileSync(join(folder, "receiver.lock"), JSON.stringify(others));
  mkdirSync(join(folder, "receiver.lock.sock"));
  await expect(lightBeacon(join(folder, "x".repeat(200)))).resolves.toBeUndefined();
  const unlock = await lockDataDir(folder);
  expect(JSON.parse(readFileSync(join(folder, "receiver.lock"), "utf8")).pid).toBe(process.pid);
  await unlock();
});
