/** Output whose reader has gone away. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { temporaryFolder } from "./support/test-receiver.js";

const PROGRAM = join(import.meta.dirname, "../bin/audio-receiver.js");

it("nobody who has seen enough is told of an error", async () => {
  await using folder = await temporaryFolder();
  const script = 'node "$0" config --json | true'; // its end is closed before node has begun
  const words = ["-e", "-o", "pipefail", "-c", script, PROGRAM];
  const { stdout, stderr } = await promisify(execFile)("bash", words, { cwd: folder.path });
  expect([stdout, stderr]).toEqual(["", ""]);
});
