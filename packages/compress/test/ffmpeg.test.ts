import { chmodSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { findFfmpeg } from "../src/ffmpeg.js";
import { temporaryFolder } from "./support/recordings.js";

const folder = temporaryFolder();

function program(script: string): string {
  const path = join(folder(), "ffmpeg");
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

const LIST = `echo "Encoders:"; echo " A..... aac   AAC (Advanced Audio Coding)"; echo " A....D flac   FLAC"`;

describe("findFfmpeg", () => {
  test("takes what FFMPEG_PATH names, if it runs and has the encoders", async () => {
    const path = program(LIST);
    const environment = { FFMPEG_PATH: path };
    expect(await findFfmpeg({ environment })).toBe(path);
    expect(await findFfmpeg({ environment, encoders: ["flac"] })).toBe(path);
    const looking = findFfmpeg({ environment, encoders: ["flac", "libopus"] });
    await expect(looking).rejects.toThrow(`FFMPEG_PATH: ${path} has no encoder libopus`);
  });

  test.each([
    ["is not there", () => "/nowhere/ffmpeg"],
    ["fails", () => program("exit 1")],
    ["is a folder", () => folder()],
  ])("takes no other when FFMPEG_PATH %s", async (_, path) => {
    const looking = findFfmpeg({ environment: { ...process.env, FFMPEG_PATH: path() } });
    await expect(looking).rejects.toMatchObject({ code: "ffmpeg-missing" });
    await expect(looking).rejects.toThrow(/^FFMPEG_PATH: \S+ is no ffmpeg that runs$/);
  });

  test("looks for one on the PATH of the environment that it is given", async () => {
    const PATH = [dirname(program("exit 1")), "/nowhere"].join(delimiter);
    const looking = findFfmpeg({ environment: { PATH }, encoders: ["no-such-encoder"] });
    await expect(looking).rejects.toMatchObject({ code: "ffmpeg-missing" });
    await expect(looking).rejects.toThrow(
      /^no ffmpeg found \(.*ffmpeg is no ffmpeg that runs\): install it .* or set FFMPEG_PATH$/,
    );
  });
});
