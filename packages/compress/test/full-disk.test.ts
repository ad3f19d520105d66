import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { compressSegment } from "../src/compress-segment.js";
import { findFfmpeg } from "../src/ffmpeg.js";
import { MONO_16K, recording, temporaryFolder } from "./support/recordings.js";

const ffmpeg = await findFfmpeg({ encoders: ["flac", "libopus"] });
const folder = temporaryFolder();

function run(command: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0)
    throw new Error(`${command}: ${stderr}: the test mounts a small disk, so it runs as root`);
}

test("a disk that is full keeps the WAV, and nothing of the result", async () => {
  const disk = folder();
  run("mount", "-t", "tmpfs", "-o", "size=1536k", "tmpfs", disk);
  onTestFinished(() => run("umount", "--lazy", disk));
  const { path } = recording(disk, MONO_16K, 640_000);
  const before = readFileSync(path);
  const compressing = compressSegment({ ffmpeg, input: path, format: "flac", deleteOriginal: true });
  await expect(compressing).rejects.toMatchObject({ code: "disk-full", permanent: false });
  expect(readdirSync(disk)).toEqual(["speech.wav"]);
  writeFileSync(join(disk, "filler"), Buffer.alloc(1536 * 1024 - before.byteLength - 8192));
  const full = compressSegment({ ffmpeg, input: path, format: "opus", deleteOriginal: true });
  await expect(full).rejects.toMatchObject({ code: "disk-full" });
  expect(readFileSync(path).equals(before)).toBe(true);
  run("mount", "-o", "remount,size=8m", disk);
  const done = await compressSegment({ ffmpeg, input: path, format: "flac", deleteOriginal: true });
  expect([done.originalDeleted, existsSync(path)]).toEqual([true, false]);
});
