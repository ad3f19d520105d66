import { cpSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { formatFrame } from "@audio/protocol";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Archive, openArchive, type RecoveredFile } from "../src/index.js";
import {
  audioIn,
  Connection,
  expectedAudio,
  expectedFrames,
  finishedOf,
  framesIn,
  type Take,
} from "./support/acknowledged.js";
import { FaultyFs } from "./support/faulty-fs.js";
import { readSegment, TestClock } from "./support/studio.js";
import { filesBelow, temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const ignore = () => undefined;
const FORMAT = { codec: "pcm16", channels: 1, frameSamples: 160, sampleRate: 8000 } as const;
const TAKE: Take = {
  format: FORMAT,
  order: "low",
  keepFrames: true,
  binPreamble: new Uint8Array(0),
  gapFill: "silence",
  frames: Array.from({ length: 40 }, (_, seq) => ({
    seq,
    message: formatFrame(
      "pcm16",
      seq,
      Uint8Array.from({ length: 320 }, (_, i) => 1 + ((seq * 37 + i) % 250)),
    ),
  })),
};
const until = (condition: () => boolean) =>
  vi.waitFor(() => expect(condition()).toBe(true), { interval: 10, timeout: 15_000 });

let archive: Archive | undefined;

async function open(dataDir: string, clock: TestClock, disk = new FaultyFs()) {
  const recovered: RecoveredFile[] = [];
  const listener = {
    segmentOpen: ignore,
    segmentComplete: ignore,
    segmentFailed: ignore,
    gap: ignore,
    disk: ignore,
    recovered: (file: RecoveredFile) => recovered.push(file),
  };
  archive = await openArchive({ dataDir, minFreeBytes: 0, listener, clock, fs: disk.fs });
  return { archive, recovered };
}

async function close(): Promise<void> {
  await archive?.close();
  archive = undefined;
}

function expectWhole(folder: string): void {
  expect(audioIn(folder, "mic").equals(expectedAudio(TAKE))).toBe(true);
  expect(framesIn(folder, "mic", TAKE).equals(expectedFrames(TAKE))).toBe(true);
  expect(filesBelow(folder).filter((path) => path.endsWith(".part"))).toEqual([]);
}

afterEach(close);

/** Which calls on which of the segment's files fail, by the end of their path. */
const TROUBLE = [
  { file: ".wav.part", call: "write" },
  { file: ".bin.part", call: "write" },
  { file: ".wav.part", call: "fsync" },
  { file: ".bin.part", call: "fsync" },
  { file: ".wav.part", call: "rename" },
  { file: ".bin.part", call: "rename" },
  { file: ".bin.part", call: "open" },
  { file: ".wav.part", call: "open" },
];

describe("a segment of an acknowledged stream whose disk fails", () => {
  it.each(TROUBLE)(
    "at $call of its $file is made whole from the journal, and its journal goes",
    async ({ file, call }) => {
      const disk = new FaultyFs();
      const folder = newFolder();
      const clock = new TestClock();
      let isFailing = true;
      const spoiled = new Set<unknown>();
      spoil(disk, file, (name, target) => {
        if (!isFailing || (name !== call && !(call === "write" && name === "writev"))) return false;
        spoiled.add(target);
        return true;
      });
      const { archive } = await open(folder, clock, disk);
      const connection = new Connection(archive, clock, "mic", TAKE, 0.3);
      connection.send(20);
      await connection.commit();
      connection.recorder.cut();
      await until(() => archive.trouble !== undefined);
      isFailing = false;
      expect(spoiled.size).toBeGreaterThan(0);
      await until(() => archive.trouble === undefined);
      connection.send(20);
      await connection.finish();
      await until(() => filesBelow(folder).every((path) => !path.endsWith(".part")));
      await until(() => filesBelow(join(folder, ".journal")).length === 1);
      await close();
      expectWhole(folder);
      for (const path of finishedOf(folder, "mic", ".wav"))
        expect(readSegment(join(folder, path)).metadata).toMatchObject({ device: "mic", software: "test" });
      const before = filesBelow(folder);
      await open(folder, clock);
      await close();
      expect(filesBelow(folder).filter((path) => /\.(wav|bin)$/.test(path))).toEqual(
        before.filter((path) => /\.(wav|bin)$/.test(path)),
      );
    },
  );
});

/** Makes calls fail on files whose path ends so, which the descriptor knows after it was opened. */
function spoil(disk: FaultyFs, end: string, isSpoiled: (call: string, target: unknown) => boolean): void {
  const paths = new Map<unknown, string>();
  const { open: openFile } = disk.fs;
  const remember = (
    path: string,
    flags: string,
    mode: number,
    done: (error: Error | null, fd?: number) => void,
  ) =>
    openFile(path, flags, mode, (error, fd) => {
      if (error === null) paths.set(fd, path);
      done(error, fd);
    });
  Object.assign(disk.fs, { open: remember });
  disk.fault = (call, target) => {
    const path = paths.get(target) ?? String(target);
    return path.endsWith(end) && isSpoiled(call, target) ? { code: "EIO" } : undefined;
  };
}

describe("a segment that was finished just before a crash, of which the journal does not know", () => {
  it.each([".wav", ".flac", ".opus"])("is not made a second time: %s", async (extension) => {
    const folder = newFolder();
    const [journal, before] = [join(folder, ".journal"), join(folder, ".before")];
    const clock = new TestClock();
    const { archive } = await open(folder, clock);
    const connection = new Connection(archive, clock, "mic", TAKE, 10);
    connection.send(20);
    await until(() => filesBelow(folder).some((path) => path.endsWith(".part")));
    connection.send(20);
    await connection.commit();
    cpSync(journal, before, { recursive: true });
    await connection.finish();
    await close();
    rmSync(journal, { recursive: true });
    renameSync(before, journal);
    const [wav] = finishedOf(folder, "mic", ".wav");
    renameSync(join(folder, wav), join(folder, wav.replace(".wav", extension)));
    const finished = () => filesBelow(join(folder, "mic"));
    const expected = finished();
    await open(folder, clock);
    await close();
    expect(finished()).toEqual(expected);
  });
});

describe("a segment that never got a file", () => {
  it("is made at the next start, and its sender told what it has", async () => {
    const folder = newFolder();
    const clock = new TestClock();
    const disk = new FaultyFs();
    const first = await open(folder, clock, disk);
    const connection = new Connection(first.archive, clock, "mic", TAKE, 10);
    disk.fault = (call, target) =>
      call === "open" && /\.wav\.part$/.test(String(target)) ? { code: "EIO" } : undefined;
    connection.send(20);
    await connection.commit();
    await until(() => first.archive.trouble !== undefined);
    await connection.finish();
    await close();
    const second = await open(folder, clock);
    const again = new Connection(second.archive, clock, "mic", TAKE, 10);
    again.send(40);
    await again.finish();
    await close();
    expectWhole(folder);
  });
});
