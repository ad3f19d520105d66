import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { openCatalogue } from "@audio/archive";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audioReceiver } from "./support/command.js";
import { decodedByFfmpeg, probed } from "./support/ffmpeg.js";
import { disposable, type RecordedFolder, recordedFolder } from "./support/recorded-folder.js";
import { readRecording } from "./support/recordings.js";
import { temporaryFolder } from "./support/test-receiver.js";

const run = promisify(execFile);
let folder: RecordedFolder;
beforeAll(async () => {
  folder = await recordedFolder();
}, 60_000);
afterAll(() => folder[Symbol.asyncDispose]());

const iso = (seconds: number) => {
  const us = folder.startUs + Math.round(seconds * 1_000_000);
  return `${new Date(Math.floor(us / 1000)).toISOString().slice(0, 19)}.${String(us % 1_000_000).padStart(6, "0")}Z`;
};
const exported = (words: readonly string[], env?: Record<string, string>) =>
  audioReceiver(["export", "--data-dir", folder.dataDir, "--timezone", "UTC", ...words], {
    cwd: folder.path,
    env,
  });
const ofKitchen = (...words: string[]) => exported(["--device", "kitchen", ...words]);
const at = (name: string) => join(folder.path, name);

describe("audio-receiver export", () => {
  it("gives what was sent, over all segments, to the sample", async () => {
    const { stdout, code } = await ofKitchen("--from", iso(0), "--to", iso(3.01), "--out", "all.wav");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^all.wav: 3.01 s of kitchen from .*, 16000 Hz, mono, 4 segments, \d+ bytes\n$/);
    expect((await decodedByFfmpeg(at("all.wav"))).equals(folder.kitchen[0])).toBe(true);
    expect((await probed(at("all.wav"))).streams[0]).toMatchObject({ duration_ts: 48_160, channels: 1 });
  });

  it("begins and ends where it is told, and says so in the file", async () => {
    await ofKitchen("--from", iso(0.75), "--to", iso(2.25), "--out", "part.wav");
    const { data, metadata, riffBytes, fileBytes } = await readRecording(at("part.wav"));
    expect(data.equals(folder.kitchen[0].subarray(0.75 * 32_000, 2.25 * 32_000))).toBe(true);
    expect(riffBytes + 8).toBe(fileBytes);
    expect(metadata).toMatchObject({ device: "kitchen", streamId: 7, samples: 24_000, gaps: [] });
    expect(Math.abs(metadata!.startUs - folder.startUs - 750_000)).toBeLessThan(63);
  });

  it.each(["silence", "cut"])("makes %s of a gap", async (gaps) => {
    const { stdout } = await ofKitchen("--from", iso(0), "--gaps", gaps, "--out", `${gaps}.wav`, "--json");
    const summary = JSON.parse(stdout);
    expect(summary).toMatchObject({
      device: "kitchen",
      segments: 5,
      gaps: 1,
      gapsAre: gaps,
      unreadableSeconds: 0,
    });
    expect(summary.gapSeconds).toBeGreaterThan(2);
    const silence = Buffer.alloc(gaps === "cut" ? 0 : Math.round(summary.gapSeconds * 16_000) * 2);
    const { data, metadata } = await readRecording(at(`${gaps}.wav`));
    expect(data.equals(Buffer.concat([folder.kitchen[0], silence, folder.kitchen[1]]))).toBe(true);
    expect(metadata!.gaps.map(({ samples }) => samples * 2)).toEqual(
      silence.length > 0 ? [silence.length] : [],
    );
  });

  it("makes FLAC and Opus", async () => {
    for (const format of ["flac", "opus"]) {
      const out = `all.${format}`;
      const { stdout, stderr } = await ofKitchen(
        "--from",
        iso(0),
        "--to",
        iso(3.01),
        "--format",
        format,
        "--out",
        out,
      );
      expect(stderr + stdout).toMatch(/3.01 s of kitchen/);
    }
    const decoded = ["-v", "error", "-i", at("all.flac"), "-f", "s16le", "-"];
    const { stdout } = await run("ffmpeg", decoded, { encoding: "buffer", maxBuffer: 1e7 });
    expect(stdout.equals(folder.kitchen[0])).toBe(true);
    const shown = ["-v", "error", "-of", "csv=p=0", "-show_entries", "format=duration", at("all.opus")];
    expect(Number((await run("ffprobe", shown)).stdout)).toBeCloseTo(3.01, 1);
  });

  it("names the file by device and time, and overwrites nothing", async () => {
    const words = ["--from", "2001-01-01", "--to", iso(1)];
    const inside = ["--from", iso(0.5), "--to", iso(1)];
    const { stdout } = await ofKitchen(...inside);
    const [name] = stdout.split(":");
    expect(name).toMatch(/^kitchen_\d{8}_\d{6}-\d{8}_\d{6}\.wav$/);
    const before = await readFile(at(name));
    const again = await ofKitchen(...inside);
    expect(again).toMatchObject({ code: 1, stdout: "" });
    expect(again.stderr).toContain(`${name} exists already: choose another --out, or --force`);
    expect(await readFile(at(name))).toEqual(before);
    expect((await ofKitchen(...words, "--gaps", "cut", "--out", name, "--force")).code).toBe(0);
    expect((await readFile(at(name))).length).not.toBe(before.length);
  });

  it("writes to standard output", async () => {
    const words = [
      "export",
      "--data-dir",
      folder.dataDir,
      "--device",
      "kitchen",
      "--from",
      iso(0),
      "--to",
      iso(3),
    ];
    const program = join(import.meta.dirname, "../bin/audio-receiver.js");
    const options = { encoding: "buffer", maxBuffer: 1e7, cwd: folder.path } as const;
    const { stdout, stderr } = await run(process.execPath, [program, ...words, "--out", "-"], options);
    expect(stdout.subarray(44, 44 + 3 * 32_000).equals(folder.kitchen[0].subarray(0, 3 * 32_000))).toBe(true);
    expect(String(stderr)).toMatch(/^standard output: 3 s of kitchen/);
    const piped = `"${process.execPath}" "${program}" ${words.join(" ")} --out - --format flac | head -c 10`;
    expect((await run("bash", ["-c", piped], { cwd: folder.path })).stdout.startsWith("fLaC")).toBe(true);
  });

  it("leaves silence for a file that is gone, and says so", async () => {
    await using copy = await temporaryFolder();
    await run("cp", ["-r", folder.dataDir, copy.path]);
    const dataDir = join(copy.path, "data");
    {
      using catalogue = disposable(openCatalogue(dataDir));
      const [, { stem }] = catalogue.segments.list({ device: "kitchen" });
      for (const form of ["wav", "bin"]) await rm(join(dataDir, `${stem}.${form}`));
    }
    const words = [
      "--device",
      "kitchen",
      "--from",
      iso(0),
      "--to",
      iso(3.01),
      "--out",
      join(copy.path, "x.wav"),
    ];
    const { code, stdout } = await audioReceiver(["export", "--data-dir", dataDir, ...words], {
      cwd: copy.path,
    });
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /unreadable, silence instead: 1 s of received\/kitchen\/\S+ \(wav on disk: no such file; bin/,
    );
    const { data } = await readRecording(join(copy.path, "x.wav"));
    const expected = Buffer.from(folder.kitchen[0]).fill(0, 32_000, 64_000);
    expect(data.equals(expected)).toBe(true);
  });
});

describe.concurrent("audio-receiver export says what is wrong", () => {
  it.each<[string, () => readonly string[], number, RegExp]>([
    [
      "no such device",
      () => ["--device", "kitchn", "--from", "-1d"],
      2,
      /nothing was recorded of "kitchn"; there is kitchen, kitten/,
    ],
    [
      "nothing there",
      () => ["--device", "kitten", "--from", "2001-01-01", "--to", "2001-01-01"],
      1,
      /nothing of kitten from 2001-01-01 00:00:00.000 to 2001-01-02 .*; there is audio of it from 20/,
    ],
    [
      "no number",
      () => ["--device", "kitten", "--from", "-1d", "--stream", "x"],
      2,
      /--stream: "x" is not allowed/,
    ],
    [
      "the wrong way round",
      () => ["--device", "kitten", "--from", iso(2), "--to", iso(1)],
      2,
      /is not before/,
    ],
    [
      "no folder",
      () => ["--device", "kitten", "--from", "-1d", "--out", "no/where.wav"],
      1,
      /no\/where.wav cannot be written: ENOENT/,
    ],
  ])("%s", async (_, words, code, message) => {
    const outcome = await exported(words());
    expect(outcome.stderr).toMatch(message);
    expect(outcome.stderr).not.toMatch(/unexpected|\n {4}at /);
    expect(outcome.code).toBe(code);
  });

  it("no ffmpeg", async () => {
    const words = ["--device", "kitten", "--from", "-1d", "--format", "flac", "--out", "none.flac"];
    const { code, stderr } = await exported(words, { FFMPEG_PATH: "/no/ffmpeg" });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/FFMPEG_PATH: \/no\/ffmpeg/)]);
    expect(existsSync(at("none.flac"))).toBe(false);
  });

  it("no catalogue, no data directory", async () => {
    await using empty = await temporaryFolder();
    const from = ["export", "--from", "-1d", "--data-dir"];
    const nowhere = await audioReceiver([...from, "nowhere"], { cwd: empty.path });
    expect(nowhere.stderr).toContain("nowhere does not exist");
    await mkdir(join(empty.path, "data"));
    expect((await audioReceiver([...from, "data"], { cwd: empty.path })).stderr).toContain("reindex");
    await writeFile(join(empty.path, "data", "catalogue.db"), "nonsense".repeat(1000));
    expect((await audioReceiver([...from, "data"], { cwd: empty.path })).stderr).toContain("damaged");
  });
});

it("leaves nothing unfinished behind", async () => {
  expect((await readdir(folder.path)).filter((name) => name.includes("partial"))).toEqual([]);
});
