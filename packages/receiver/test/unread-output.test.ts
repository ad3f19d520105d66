/** Output that nobody takes. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { tones, wavFile } from "./support/audio.js";
import { audioStream, type Ready } from "./support/command.js";
import { temporaryFolder } from "./support/temporary-folder.js";
import { until } from "./support/waiting.js";

const PROGRAM = join(import.meta.dirname, "../bin/audio-receiver.js");

it("nobody who has seen enough is told of an error", async () => {
  await using folder = await temporaryFolder();
  const script = 'node "$0" config --json | true'; // its end is closed before node has begun
  const words = ["-e", "-o", "pipefail", "-c", script, PROGRAM];
  const { stdout, stderr } = await promisify(execFile)("bash", words, { cwd: folder.path });
  expect([stdout, stderr]).toEqual(["", ""]);
});

const SERVE = `serve --host 127.0.0.1 --ws-port 0 --tcp-port 0 --web-port 0 --min-free-mb 0 --no-bin
  --log-level debug --log-format json --ready-file ready.json --data-dir data`.replaceAll("\n", " ");

it.each([
  ["a reader who does not read", `node "$0" ${SERVE} | sleep 100`],
  ["a disk that is full", `node "$0" ${SERVE} > /dev/full`],
])("recording goes on while the log goes to %s", async (_, script) => {
  await using folder = await temporaryFolder();
  const cwd = folder.path;
  await writeFile(join(cwd, "input.wav"), wavFile(tones(8000)));
  const shell = spawn("bash", ["-c", script, PROGRAM], { cwd, stdio: "ignore", detached: true });
  const ended = once(shell, "exit");
  try {
    const ready = join(cwd, "ready.json");
    await until("the ready file", () => existsSync(ready), 30_000);
    const { ws, web } = JSON.parse(await readFile(ready, "utf8")) as Ready;
    const words = ["--wav", "input.wav", "--url", ws!, "--streams", "150", "--json"]; // their lines fill a pipe, twice
    expect((await audioStream(words, { cwd })).code).toBe(0);
    expect((await fetch(`${web}/readyz`)).status).toBe(200);
  } finally {
    process.kill(-shell.pid!, "SIGKILL"); // the shell's own group: receiver and reader
    await ended;
  }
});
