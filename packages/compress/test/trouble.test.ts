import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { CompressOptions } from "../src/compress-options.js";
import { compressSegment } from "../src/compress-segment.js";
import { findFfmpeg } from "../src/ffmpeg.js";
import { removeStalePart } from "../src/part-file.js";
import { MONO_16K, metadataOf, recording, sound, temporaryFolder, writeWav } from "./support/recordings.js";

const ffmpeg = await findFfmpeg({ encoders: ["flac", "libopus"] });
const folder = temporaryFolder();

/** An ffmpeg that does what `script` says; `$real` is the real one, `$output` the last argument. */
function wrapper(script: string): string {
  const path = join(folder(), "ffmpeg");
  writeFileSync(path, `#!/bin/bash\nreal=${ffmpeg}\nlast="\${@: -1}"\noutput="\${last#file:}"\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

const ENCODING = `case "$output" in *.part) encoding=1;; *) encoding=;; esac`;
const flip = (at: number) =>
  `printf '\\xff\\x00\\xff\\x00' | dd of="$output" bs=1 seek=${at} conv=notrunc status=none`;

async function expectUntouched(options: Partial<CompressOptions>, code: string, message?: RegExp) {
  const { path } = recording(folder(), MONO_16K, 10 * 16_000);
  const before = readFileSync(path);
  const compressing = compressSegment({
    ffmpeg,
    input: path,
    format: "flac",
    deleteOriginal: true,
    ...options,
  });
  const error: unknown = await compressing.catch((error) => error);
  expect(error).toMatchObject({ name: "CompressError", code });
  if (message !== undefined) expect((error as Error).message).toMatch(message);
  expect(readFileSync(path).equals(before)).toBe(true);
  expect(readdirSync(dirname(path))).toEqual(["speech.wav"]);
}

describe.each(["flac", "opus"] as const)("%s: an ffmpeg that fails", (format) => {
  test.each([
    [
      "flips bytes of the sound",
      `${ENCODING}; "$real" "$@" || exit; [ $encoding ] && ${flip(9_500)}; exit 0`,
    ],
    [
      "cuts the end",
      `${ENCODING}; "$real" "$@" || exit; [ $encoding ] && truncate -s -3000 "$output"; exit 0`,
    ],
    ["writes nothing and is content", `${ENCODING}; [ $encoding ] && exit 0; exec "$real" "$@"`],
    ["drops the tags", `${ENCODING}; [ $encoding ] && set -- "\${@/pipe:3//dev/null}"; exec "$real" "$@"`],
    [
      "encodes other sound",
      `${ENCODING}; [ $encoding ] && set -- "\${@/start,44/start,48}"; exec "$real" "$@"`,
    ],
  ])("%s", async (name, script) => {
    const other = name === "encodes other sound";
    if (format === "opus" && other) return; // two samples: Opus promises no more than its length
    const codes = /^(verification-failed|invalid-audio|encode-failed)$/;
    await expectUntouched(
      { ffmpeg: wrapper(script), format },
      expect.stringMatching(codes) as unknown as string,
    );
  });

  test("is killed in the middle", async () => {
    const script = `${ENCODING}; [ $encoding ] || exec "$real" "$@"; (sleep 0.5; kill -9 $$) & exec "$real" -re "$@"`;
    await expectUntouched({ ffmpeg: wrapper(script), format }, "encode-failed", /killed by SIGKILL/);
  });

  test("never ends", async () => {
    const timeout = { baseSeconds: 0.3, perAudioSecond: 0 };
    const options = { ffmpeg: wrapper("exec sleep 1000"), format, timeout };
    await expectUntouched(options, "timeout", /was not compressed within 0\.3 s$/);
  });

  test("does not exist", async () => {
    await expectUntouched({ ffmpeg: "/nowhere/ffmpeg", format }, "ffmpeg-missing", /nowhere/);
  });
});

test("a signal ends ffmpeg and leaves the WAV alone", async () => {
  const { path } = recording(folder());
  const stop = new AbortController();
  const pidFile = join(folder(), "pid");
  const slow = wrapper(`echo $$ > ${pidFile}.new; mv ${pidFile}.new ${pidFile}; exec sleep 1000`);
  const compressing = compressSegment({ ffmpeg: slow, input: path, format: "flac", signal: stop.signal });
  const failed = expect(compressing).rejects.toBe("enough");
  await expect.poll(() => existsSync(pidFile), { timeout: 20_000 }).toBe(true);
  const nice = readFileSync(`/proc/${readFileSync(pidFile, "utf8").trim()}/stat`, "utf8").split(" ")[18];
  expect(nice).toBe("19");
  stop.abort("enough");
  await failed;
  expect(existsSync(`/proc/${readFileSync(pidFile, "utf8").trim()}`)).toBe(false);
  expect(readdirSync(dirname(path))).toEqual(["speech.wav"]);
});

describe("a name that is taken", () => {
  test("by the finished result: it is verified, and the job brought to its end", async () => {
    const { path } = recording(folder());
    const first = await compressSegment({ ffmpeg, input: path, format: "flac" });
    const inode = statSync(first.output).ino;
    const second = await compressSegment({ ffmpeg, input: path, format: "flac", deleteOriginal: true });
    expect(second).toMatchObject({ already: true, originalDeleted: true, sha256: first.sha256 });
    expect(statSync(first.output).ino).toBe(inode);
    expect(readdirSync(dirname(path))).toEqual(["speech.flac"]);
  });

  test("by another recording: both stay", async () => {
    const { path } = recording(folder());
    const other = join(dirname(path), "other.wav");
    writeWav(other, MONO_16K, sound(MONO_16K, 5000), metadataOf(MONO_16K, 5000));
    const output = join(dirname(path), "speech.flac");
    await compressSegment({ ffmpeg, input: other, output, format: "flac" });
    const before = readFileSync(output);
    const compressing = compressSegment({ ffmpeg, input: path, format: "flac", deleteOriginal: true });
    await expect(compressing).rejects.toMatchObject({ code: "target-exists", permanent: true });
    expect(readFileSync(output).equals(before)).toBe(true);
    expect(existsSync(path)).toBe(true);
  });

  test.each(["a file", "a folder"])("by %s that is no FLAC", async (what) => {
    const { path } = recording(folder());
    const output = join(dirname(path), "speech.flac");
    if (what === "a folder") mkdirSync(output);
    else writeFileSync(output, "mine");
    const compressing = compressSegment({ ffmpeg, input: path, format: "flac", deleteOriginal: true });
    await expect(compressing).rejects.toMatchObject({ code: "target-exists" });
    expect(readdirSync(dirname(path)).sort()).toEqual(["speech.flac", "speech.wav"]);
  });

  test("while it grows, by somebody quicker", async () => {
    const { path } = recording(folder());
    const output = join(dirname(path), "speech.flac");
    const quick = wrapper(`${ENCODING}; [ $encoding ] && echo mine > ${output}; exec "$real" "$@"`);
    const compressing = compressSegment({ ffmpeg: quick, input: path, format: "flac", deleteOriginal: true });
    await expect(compressing).rejects.toMatchObject({ code: "target-exists" });
    expect(readFileSync(output, "utf8")).toBe("mine\n");
    expect(readdirSync(dirname(path)).sort()).toEqual(["speech.flac", "speech.wav"]);
  });
});

describe("a .part", () => {
  test("of another process that is at work is left to it", async () => {
    const { path } = recording(folder());
    writeFileSync(join(dirname(path), "speech.flac.part"), "half");
    const compressing = compressSegment({ ffmpeg, input: path, format: "flac" });
    await expect(compressing).rejects.toMatchObject({ code: "busy", permanent: false });
    expect(await removeStalePart(join(dirname(path), "speech.flac.part"))).toBe(false);
  });

  test("of a crash is made anew", async () => {
    const { path } = recording(folder());
    const part = join(dirname(path), "speech.flac.part");
    writeFileSync(part, "half");
    utimesSync(part, 1, 1);
    await compressSegment({ ffmpeg, input: path, format: "flac" });
    expect(readdirSync(dirname(path)).sort()).toEqual(["speech.flac", "speech.wav"]);
    expect(await removeStalePart(part)).toBe(false);
  });

  test("that is the result's other name, as a crash between the two leaves it, goes", async () => {
    const { path } = recording(folder());
    await compressSegment({ ffmpeg, input: path, format: "flac" });
    const output = join(dirname(path), "speech.flac");
    linkSync(output, `${output}.part`);
    const again = await compressSegment({ ffmpeg, input: path, format: "flac", deleteOriginal: true });
    expect(again.already).toBe(true);
    expect(readdirSync(dirname(path))).toEqual(["speech.flac"]);
  });

  test("is removed when it is old, and nothing else is", async () => {
    const dir = folder();
    const names = ["a.flac.part", "a.opus.part", "a.wav.part", "a.flac"];
    for (const name of names) {
      writeFileSync(join(dir, name), "");
      utimesSync(join(dir, name), 1, 1);
    }
    const removed = await Promise.all(names.map((name) => removeStalePart(join(dir, name))));
    expect(removed).toEqual([true, true, false, false]);
    expect(readdirSync(dir).sort()).toEqual(["a.flac", "a.wav.part"]);
  });
});
