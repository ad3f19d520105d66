import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compileTemplate, TimeZone } from "@audio/segments";
import { formatWavHeader } from "@audio/wav";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  type Archive,
  ArchiveError,
  type ArchiveOptions,
  openArchive,
  type RecordOptions,
  type StreamRecorder,
  systemClock,
} from "../src/index.js";
import { FaultyFs, gate } from "./support/faulty-fs.js";
import { MONO_16, readSegment, signal } from "./support/studio.js";
import { filesBelow, temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const LOCK = "receiver.lock";
const WAITING = { timeout: 10_000, interval: 20 };

const RECORDING: RecordOptions = {
  stream: MONO_16,
  zone: new TimeZone("UTC"),
  template: compileTemplate("{device}/{date}"),
  segmentSeconds: 10,
  align: "start",
  keepFrames: false,
  binPreamble: new Uint8Array(0),
  software: "test",
  onRelief: () => undefined,
};

let archive: Archive | undefined;
let told: string[] = [];

async function open(dataDir: string, options: Partial<ArchiveOptions> = {}): Promise<Archive> {
  told = [];
  const listener = {
    segmentOpen: () => told.push("open"),
    segmentComplete: (event: { samples: number }) => told.push(`complete ${event.samples}`),
    segmentFailed: () => told.push("failed"),
    gap: (event: { samples: number; cause: string }) => told.push(`gap ${event.samples} ${event.cause}`),
    disk: (trouble: string | undefined) => told.push(`disk ${trouble ?? "well"}`),
    recovered: (file: { outcome: string }) => told.push(file.outcome),
  };
  archive = await openArchive({ dataDir, minFreeBytes: 0, listener, ...options });
  return archive;
}

function send(recorder: StreamRecorder, sampleFrames: number): void {
  const nowUs = systemClock.monotonicUs();
  recorder.begin(nowUs);
  recorder.write(signal(recorder.samples * 2, sampleFrames * 2), 0, sampleFrames * 2);
  recorder.end(nowUs);
}

afterEach(async () => {
  await archive?.close();
  archive = undefined;
});

describe("an archive", () => {
  it("makes its directory, is the only one in it, and gives it back", async () => {
    const dataDir = join(newFolder(), "a/b/data");
    const first = await open(dataDir);
    expect(first.dataDir).toBe(dataDir);
    await expect(openArchive({ dataDir, minFreeBytes: 0, listener: {} as never })).rejects.toMatchObject({
      code: "data-dir-in-use",
    });
    expect(existsSync(join(dataDir, LOCK))).toBe(true);
    await first.close();
    archive = undefined;
    expect(filesBelow(dataDir)).toEqual([]);
    await open(dataDir);
  });

  it.each([
    [
      "/proc/nothing/here",
      /^data directory \/proc\/nothing\/here: .*: choose a directory that this user may write, with --data-dir or DATA_DIR$/,
    ],
    ["a file", /ENOTDIR: not a directory/],
  ])("says which directory cannot be used: %s", async (path, message) => {
    const dataDir = path.startsWith("/") ? path : join(newFolder(), path);
    if (!path.startsWith("/")) writeFileSync(dataDir, "", { mode: 0o755 });
    const opening = open(dataDir);
    await expect(opening).rejects.toBeInstanceOf(ArchiveError);
    await expect(opening).rejects.toMatchObject({
      code: "data-dir-unusable",
      message: expect.stringMatching(message),
    });
  });

  it("repairs what a crash left before it takes anything", async () => {
    const dataDir = newFolder();
    const crashed = Buffer.concat([formatWavHeader(MONO_16, 0), signal(0, 2000)]);
    mkdirSync(join(dataDir, "mic"));
    writeFileSync(join(dataDir, "mic/2026-11-21.wav.part"), crashed);
    await open(dataDir);
    expect(told).toEqual(["recovered"]);
    expect(readSegment(join(dataDir, "mic/2026-11-21.wav")).audio.equals(signal(0, 2000))).toBe(true);
  });

  it("records streams, and flushes them by itself at least once a second", async () => {
    const dataDir = newFolder();
    const { record, finish } = await open(dataDir);
    const recorder = record(RECORDING);
    send(recorder, 500);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const [part] = filesBelow(dataDir).filter((path) => path.endsWith(".wav.part"));
    expect(readSegment(join(dataDir, part)).audio.equals(signal(0, 1000))).toBe(true);
    expect(archive?.backlogBytes).toBe(0);
    await finish(recorder);
    expect(told).toEqual(["open", "complete 500"]);
  });

  it("refuses nothing, but records nothing, while too little is free", async () => {
    const dataDir = newFolder();
    const { record, finish, disk } = await open(dataDir, { minFreeBytes: Number.MAX_SAFE_INTEGER });
    expect(disk.trouble).toBe("disk-full");
    const recorder = record(RECORDING);
    send(recorder, 500);
    await finish(recorder);
    expect(told).toEqual(["disk disk-full", "gap 500 disk-full"]);
    expect(filesBelow(dataDir)).toEqual([LOCK, `${LOCK}.sock`]);
  });
});

describe("an archive whose disk fails for a while", () => {
  it("goes on within 5 s, and repairs the segment that was cut off", async () => {
    const dataDir = newFolder();
    const disk = new FaultyFs();
    const { record, finish } = await open(dataDir, { fs: disk.fs });
    const recorder = record(RECORDING);
    send(recorder, 500);
    await vi.waitFor(() => expect(archive?.backlogBytes).toBe(0), WAITING);
    disk.fault = (call) => (call.startsWith("write") ? { code: "ENOSPC" } : undefined);
    send(recorder, 300);
    await vi.waitFor(() => expect(told).toContain("failed"), WAITING);
    disk.fault = () => undefined;
    await vi.waitFor(() => expect(told).toContain("recovered"), WAITING);
    send(recorder, 200);
    await finish(recorder);
    expect(told.filter((line) => line !== "gap 300 disk-full")).toEqual([
      "open",
      "disk disk-full",
      "failed",
      "disk well",
      "recovered",
      "open",
      "complete 200",
    ]);
    expect(told).toContain("gap 300 disk-full"); // before or after: the cut or the next audio tells it
    const audio = filesBelow(dataDir).filter((path) => path.endsWith(".wav"));
    const [cut, next] = audio.map((path) => readSegment(join(dataDir, path)).audio);
    expect(cut.equals(signal(0, 1000))).toBe(true);
    expect(next.equals(signal(1600, 400))).toBe(true);
  });

  it("repairs also what takes longer to fail than the disk to get well", async () => {
    const dataDir = newFolder();
    const disk = new FaultyFs();
    const { record, finish } = await open(dataDir, { fs: disk.fs });
    const recorder = record(RECORDING);
    send(recorder, 500);
    await vi.waitFor(() => expect(archive?.backlogBytes).toBe(0), WAITING);
    const slow = gate();
    let failedFd: unknown;
    disk.fault = (call, target) => {
      if (call === "close" && target === failedFd) return { until: slow.passed };
      if (call !== "write" || failedFd !== undefined) return undefined; // the journal is written with writev
      failedFd = target;
      return { code: "EIO" };
    };
    send(recorder, 300);
    await vi.waitFor(() => expect(told).toContain("disk well"), WAITING);
    expect(told).not.toContain("failed");
    slow.open();
    await vi.waitFor(() => expect(told).toContain("recovered"), WAITING);
    await finish(recorder);
    expect(filesBelow(dataDir).filter((path) => path.endsWith(".part"))).toEqual([]);
  });

  it("closes quietly when its directory has gone", async () => {
    const dataDir = join(newFolder(), "data");
    const opened = await open(dataDir);
    rmSync(dataDir, { recursive: true });
    await opened.close();
    archive = undefined;
    expect(existsSync(dataDir)).toBe(false);
  });
});

describe("the order of what reaches the disk", () => {
  async function callsFor(syncPolicy: ArchiveOptions["syncPolicy"]): Promise<string[]> {
    const disk = new FaultyFs();
    const { record, finish } = await open(newFolder(), { fs: disk.fs, syncPolicy });
    const recorder = record(RECORDING);
    send(recorder, 500);
    await vi.waitFor(() => expect(told).toEqual(["open"]), WAITING);
    disk.calls.length = 0;
    recorder.flush(systemClock.monotonicUs());
    await finish(recorder);
    return disk.calls.filter((call) => !["statfs", "access"].includes(call));
  }

  it("is: audio, its fsync, the rename, the directory's fsync", async () => {
    const calls = await callsFor("segment");
    expect(calls.slice(calls.indexOf("fsync"))).toEqual([
      "fsync",
      "close",
      "rename",
      "open",
      "fsync",
      "close",
    ]);
    expect(calls.slice(0, calls.indexOf("fsync")).every((call) => call.startsWith("write"))).toBe(true);
  });

  it("has one more fsync a flush where that is wanted", async () => {
    expect((await callsFor("interval")).filter((call) => call === "fsync")).toHaveLength(3);
  });

  it("has no fsync where none is wanted", async () => {
    expect(await callsFor("never")).not.toContain("fsync");
  });
});

it("writes its lock with the process that holds it", async () => {
  const dataDir = newFolder();
  await open(dataDir);
  expect(JSON.parse(readFileSync(join(dataDir, LOCK), "utf8"))).toMatchObject({ pid: process.pid });
});
