import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ingestLedger, openCatalogue } from "@audio/archive";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bytesInWords, count } from "../src/commands/in-words.js";
import { handshake, pcmFrames, tones, wavFile } from "./support/audio.js";
import { audioReceiver, ServerProcess } from "./support/command.js";
import { play } from "./support/stream-client.js";
import { TestReceiver, temporaryFolder } from "./support/test-receiver.js";
import { until } from "./support/waiting.js";

const frames = (firstSeq: number, frameCount: number) =>
  pcmFrames(tones(frameCount * 320), { frameSamples: 320, firstSeq });
/** 3 s of audio, and 1 s that was lost in the middle. */
const LOSSY = [handshake(), ...frames(0, 100), ...frames(150, 50)];

const run = (dataDir: string, command: string, ...words: string[]) =>
  audioReceiver([command, "--data-dir", dataDir, "--timezone", "UTC", ...words], { cwd: dataDir });

async function json<T>(dataDir: string, command: string, ...words: string[]): Promise<T> {
  const { code, stdout, stderr } = await run(dataDir, command, "--json", ...words);
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as T;
}

/** A data directory in which two devices were recorded, 4 s each in segments of 1 s, without a catalogue. */
async function recorded(): Promise<{ path: string } & AsyncDisposable> {
  const folder = await temporaryFolder();
  await using server = await TestReceiver.start({ dataDir: folder.path, wsSegmentSeconds: 1 });
  await play(server.ws("/kitchen"), LOSSY);
  await play(server.ws("/porch"), LOSSY);
  await until("both ends", () => server.closed.length === 2);
  return folder;
}

describe.concurrent("reindex", () => {
  it("builds the catalogue from the files, and says what it found", async () => {
    await using folder = await recorded();
    const { path } = folder;
    await writeFile(join(path, "received/kitchen/song.wav"), wavFile(tones(1600)));
    await writeFile(join(path, "received/kitchen/stream_7_kitchen_20260101_000000.wav"), "no recording");
    const { code, stdout } = await run(path, "reindex");
    expect(code).toBe(0);
    expect(stdout).toContain("8 segments in the catalogue\n");
    expect(stdout).toContain("gaps   2 lines read\n");
    expect(stdout).toContain("others 1 file that are no recordings of a receiver\n");
    expect(stdout).toContain("stream_7_kitchen_20260101_000000.wav: not a WAV file");
    expect(await json(path, "reindex")).toMatchObject({
      segments: 8,
      added: 0,
      gone: 0,
      files: 16,
      faults: 1,
    });
  });

  it("does the same beside a running server", async () => {
    await using folder = await temporaryFolder();
    const dataDir = join(folder.path, "data");
    await using server = await ServerProcess.start({
      cwd: folder.path,
      flags: ["--ws-segment-seconds", "1"],
    });
    await play(`${server.ready.ws}/kitchen`, LOSSY);
    const found = () => json<{ segments: number; faults: number }>(dataDir, "reindex");
    let last = await found();
    while (last.segments < 4) last = await found();
    expect(last).toMatchObject({ segments: 4, faults: 0 });
    expect((await server.stop()).code).toBe(0);
    expect(await found()).toMatchObject({ segments: 4, added: 0, gone: 0 });
  });

  it("replaces a damaged catalogue", async () => {
    await using folder = await recorded();
    await writeFile(join(folder.path, "catalogue.db"), "this is no database, and never was one ".repeat(40));
    const { code, stdout, stderr } = await run(folder.path, "reindex");
    expect([code, stderr]).toEqual([0, expect.stringContaining("catalogue.db.broken")]);
    expect(stdout).toContain("8 segments in the catalogue");
  });

  it("forgets nothing when the disk is not there, unless it is told to", async () => {
    await using folder = await recorded();
    await run(folder.path, "reindex");
    await rm(join(folder.path, "received"), { recursive: true });
    const { code, stderr } = await run(folder.path, "reindex");
    expect([code, stderr]).toEqual([1, expect.stringContaining("reindex --accept-missing")]);
    expect(await json(folder.path, "reindex", "--accept-missing")).toMatchObject({ gone: 8, segments: 0 });
  });

  it("needs a data directory", async () => {
    await using folder = await temporaryFolder();
    const words = ["reindex", "--data-dir", join(folder.path, "none")];
    const { code, stderr } = await audioReceiver(words, { cwd: folder.path });
    expect([code, stderr]).toEqual([2, expect.stringContaining("none does not exist")]);
  });
});

/** One such directory with its catalogue, for all that only read it. */
let shared: { path: string } & AsyncDisposable;

beforeAll(async () => {
  shared = await recorded();
  await run(shared.path, "reindex");
});

afterAll(() => shared[Symbol.asyncDispose]());

describe.concurrent("ls", () => {
  it("prints what was recorded, as a table and as JSON", async () => {
    const { code, stdout } = await run(shared.path, "ls", "--device", "kitchen");
    expect(code).toBe(0);
    const lines = stdout.split("\n");
    expect(lines[0]).toMatch(/^start +length +device +stream +forms +size +peak +gaps$/);
    expect(lines[1]).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} +1 s +kitchen +7 +wav bin +6\d\.\d KB +-$/,
    );
    expect(lines[3]).toMatch(/ 1$/); // silence in the third second
    expect(lines.slice(5)).toEqual(["", expect.stringMatching(/^4 segments, 4 s, 2\d\d\.\d KB$/), ""]);
    const all = (await run(shared.path, "ls", "--json")).stdout.trim().split("\n");
    expect(all.length).toBe(8);
    expect(JSON.parse(all[0])).toMatchObject({ device: expect.any(String), streamId: 7, samples: 16_000 });
  });

  it("prints the latest, and that there are more", async () => {
    const { stdout } = await run(shared.path, "ls", "--limit", "3");
    expect(stdout).toContain("3 segments");
    expect(stdout).toContain("there are more before them (--limit)");
    expect((await run(shared.path, "ls", "--to", "2020-01-01")).stdout).toBe("no recordings\n");
  });

  it("says what to do when there is no catalogue, and refuses what makes no sense", async () => {
    await using folder = await temporaryFolder();
    const { code, stderr } = await run(folder.path, "ls");
    expect([code, stderr]).toEqual([1, expect.stringContaining("run audio-receiver reindex")]);
    for (const words of [
      ["--limit", "0"],
      ["--limit", "many"],
      ["--from", "yesterday"],
    ])
      expect(await run(shared.path, "ls", ...words)).toMatchObject({ code: 2, stdout: "" });
  });
});

describe.concurrent("stats", () => {
  interface Stats {
    readonly devices: readonly Record<string, unknown>[];
    readonly disk: { readonly hoursLeft: number; readonly bytesPerSecond: number };
  }

  it("adds up what was recorded of whom, what is missing, and how long the disk lasts", async () => {
    const found = await json<Stats & Record<string, unknown>>(shared.path, "stats");
    expect(found).toMatchObject({
      total_dates: expect.any(Number),
      total_files: 8,
      segments: 8,
      recordedUs: 8e6,
    });
    expect(found.total_size_formatted).toMatch(/^\d+\.\d KB$/);
    expect(found.devices.map(({ device }) => device)).toEqual(["kitchen", "porch"]);
    expect(found.devices[0]).toMatchObject({ segments: 4, recordedUs: 4e6, coveredUs: 4e6, coverage: 1 });
    expect(found.devices[0].gaps).toEqual([{ cause: "lost-frames", gaps: 1, lengthUs: 1e6 }]);
    expect(found.disk.hoursLeft).toBeGreaterThan(0);
    const { stdout } = await run(shared.path, "stats");
    for (const text of [
      "kitchen  lost-frames      1     1 s",
      "100.00 %",
      "2 devices, 8 segments",
      "a second in the last hour",
    ])
      expect(stdout).toContain(text);
  });

  it("joins streams that ran at the same time, and counts days on the clocks of the time zone", async () => {
    await using folder = await temporaryFolder();
    const catalogue = openCatalogue(folder.path);
    const at = (hours: number) => (Date.UTC(2026, 2, 28) + hours * 3_600_000) * 1000;
    const format = {
      sampleRate: 1000,
      channels: 1,
      bitsPerSample: 16,
      source: "websocket",
      gaps: [],
    } as const;
    const put = (
      device: string | undefined,
      streamId: number,
      startUs: number,
      hours: number,
      db?: number,
    ) => {
      const levels = {
        peakDbfs: db ?? 0,
        rmsDbfs: db ?? 0,
        clippedSamples: 2,
        flatSeconds: 1,
        track: new Uint8Array(),
      };
      const stem = `${device}/${streamId}/${startUs}`;
      const facts = { ...format, stem, device, streamId, startUs, samples: hours * 3_600_000 };
      catalogue.segments.put({ ...facts, levels: db === undefined ? undefined : levels }, [
        { form: "flac", bytes: 10 },
      ]);
    };
    put("mic", 1, at(0), 4, -20);
    put("mic", 2, at(1), 1, -10); // within the first
    put("mic", 2, at(3), 3);
    put("mic", 1, at(8), 2);
    put(undefined, 1, at(22.5), 1);
    put(undefined, 1, at(24 + 21.5), 1);
    await ingestLedger(catalogue, folder.path);
    catalogue.close();
    const { devices, ...found } = await json<Stats & Record<string, unknown>>(folder.path, "stats");
    expect(found).toMatchObject({
      total_dates: 2,
      total_files: 6,
      total_size: 60,
      disk: { hoursLeft: null },
    });
    expect(devices[0]).toMatchObject({ device: null, gaps: [] });
    const hour = 3.6e9;
    expect(devices[1]).toMatchObject({ recordedUs: 10 * hour, coveredUs: 8 * hour, coverage: 0.8 });
    // 4 h at −20 dB and 1 h at −10: (4 × 0.01 + 0.1) / 5 is −15.5 dB
    expect(devices[1].levels).toEqual({ peakDbfs: -10, rmsDbfs: -15.5, clippedSamples: 4, flatSeconds: 2 });
    const vienna = ["stats", "--data-dir", folder.path, "--json", "--timezone", "Europe/Vienna"];
    const local = JSON.parse((await audioReceiver(vienna, { cwd: folder.path })).stdout);
    expect(local.total_dates).toBe(2); // 28 and 29 March: clocks went forward in that night
    const stdout = (await run(folder.path, "stats")).stdout;
    for (const text of [
      "(no name)",
      "80.00 %",
      "-15.5 dBFS",
      "no gaps",
      "nothing was recorded in the last hour",
    ])
      expect(stdout).toContain(text);
  });

  it("works on an empty catalogue", async () => {
    await using folder = await temporaryFolder();
    openCatalogue(folder.path).close();
    expect(await json(folder.path, "stats")).toMatchObject({
      total_files: 0,
      total_size_formatted: "0 B",
      devices: [],
    });
    expect((await run(folder.path, "stats")).stdout).toMatch(/^no recordings\n\ndisk: /);
  });
});

it("puts numbers into words", () => {
  expect([0, 1023, 1024, 2_764_800_000, 2 ** 60].map(bytesInWords)).toEqual([
    "0 B",
    "1023 B",
    "1.0 KB",
    "2.6 GB",
    "1024.0 PB",
  ]);
  expect([count(1, "file"), count(1234567, "file"), count(0, "a", "b")]).toEqual([
    "1 file",
    "1 234 567 files",
    "0 b",
  ]);
});
