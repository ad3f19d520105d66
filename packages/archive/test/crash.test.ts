import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { recoverParts } from "../src/index.js";
import { readSegment, signal } from "./support/studio.js";
import { filesBelow, temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const SAMPLE_RATE = 16_000;
let program: string;

beforeAll(async () => {
  program = join(newFolder(), "recording-program.mjs");
  const entryPoints = [join(import.meta.dirname, "support/recording-program.ts")];
  await build({
    entryPoints,
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["@audio/source"],
  });
});

/** Sample frames that a program had handed over, and when. */
function follow(child: ChildProcess): { atMs: number; samples: number }[] {
  const progress: { atMs: number; samples: number }[] = [];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    for (const line of text.trim().split("\n"))
      progress.push({ atMs: performance.now(), samples: Number(line) });
  });
  return progress;
}

describe("kill -9", () => {
  it.each([700, 1333, 2150])(
    "after %i ms loses at most the last second, and no earlier byte",
    async (afterMs) => {
      const dataDir = newFolder();
      const child = spawn(process.execPath, [program, dataDir], { stdio: ["ignore", "pipe", "inherit"] });
      const progress = follow(child);
      await once(child.stdout as NonNullable<typeof child.stdout>, "data");
      await sleep(afterMs);
      const killedMs = performance.now();
      child.kill("SIGKILL");
      await once(child, "close");
      for await (const { outcome } of recoverParts(dataDir)) expect(outcome).not.toBe("quarantined");
      const wavs = filesBelow(dataDir).filter((path) => path.endsWith(".wav"));
      // Sorted by name they stand in order: what shares a second is numbered from _2 on, and has no number first.
      const audio = Buffer.concat(wavs.map((path) => readSegment(join(dataDir, path)).audio));
      expect(audio.equals(signal(0, audio.length))).toBe(true);
      const due = progress.filter(({ atMs }) => atMs < killedMs - 1000).at(-1)?.samples ?? 0;
      expect(audio.length / 2).toBeGreaterThanOrEqual(due);
      const frames = filesBelow(dataDir)
        .filter((path) => path.endsWith(".bin"))
        .map((path) => readFileSync(join(dataDir, path)));
      expect(Buffer.concat(frames).length % (12 + (SAMPLE_RATE / 50) * 2)).toBe(0);
    },
  );
});
