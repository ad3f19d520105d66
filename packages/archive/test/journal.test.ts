import { join } from "node:path";
import { formatFrame } from "@audio/protocol";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { promised } from "../src/disk/promised-fs.js";
import { AcknowledgedSession } from "../src/journal/acknowledged-session.js";
import { readImage } from "../src/journal/image.js";
import { Journal } from "../src/journal/journal.js";
import type { JournaledSegment } from "../src/journal/journaled-segment.js";
import type { SegmentNote } from "../src/journal/records.js";
import { FaultyFs, gate } from "./support/faulty-fs.js";
import { filesBelow, temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const FORMAT = { codec: "pcm16", channels: 1, frameSamples: 160, sampleRate: 8000 } as const;
const FRAME = formatFrame("pcm16", 0, new Uint8Array(320).fill(7));
const until = (condition: () => boolean) =>
  vi.waitFor(() => expect(condition()).toBe(true), { interval: 5, timeout: 10_000 });

let skewMs = 0;
const now = performance.now.bind(performance);
vi.spyOn(performance, "now").mockImplementation(() => now() + skewMs);
afterAll(() => vi.restoreAllMocks());
let open: Journal | undefined;

/** A journal of some sessions, on a disk that the test spoils. */
function newJournal(sessionCount = 1) {
  const disk = new FaultyFs();
  const folder = join(newFolder(), ".journal");
  const errors: string[] = [];
  const sessions: AcknowledgedSession[] = [];
  const journal = new Journal({
    disk: { fs: disk.fs, promised: promised(disk.fs), folder },
    firstGeneration: 1,
    checkpoint: () => sessions.map(({ note }) => note),
    onError: ({ code, message }) => errors.push(code ?? message),
  });
  open = journal;
  for (let id = 1; id <= sessionCount; id++) {
    const note = {
      kind: "session",
      id,
      key: `${id}`,
      format: FORMAT,
      nextSeq: 0,
      index: 0,
      segments: 0,
    } as const;
    sessions.push(new AcknowledgedSession(journal, note));
  }
  const count = (call: string) => disk.calls.filter((name) => name === call).length;
  return { disk, folder, errors, sessions, journal, count, files: () => filesBelow(folder) };
}

function send(session: AcknowledgedSession, segment = 1): void {
  const { index } = session.recorded;
  session.begin({ segment, index, utcUs: index * 125, binAt: -1, order: "low" });
  const frame = Buffer.from(FRAME);
  frame.writeUInt32LE(index / 160, 8);
  session.append(frame, 0, frame.length);
}

function newSegment(
  session: number,
  makeDurable: () => Promise<boolean> = async () => false,
): JournaledSegment {
  return { session, plan: undefined, file: undefined, named: undefined, makeDurable };
}

function planOf(session: number): SegmentNote {
  const local = { year: 2026, month: 11, day: 21, hour: 22, minute: 1, second: 0, microsecond: 0 };
  const metadata = { source: "tcp", sampleRate: 8000, startUs: 0, local, software: "test" };
  return { kind: "segment", session, segment: 1, name: `${session}`, startIndex: 0, metadata };
}

const writes = (call: string) => call.startsWith("write");
const nextSeqs = async (folder: string) =>
  [...(await readImage(folder)).sessions.values()].map(({ note }) => note.nextSeq);

afterEach(async () => {
  await open?.close();
  open = undefined;
  skewMs = 0;
});

describe("a journal", () => {
  it("brings two hundred sessions to the disk with one write and one sync", async () => {
    const { sessions, folder, journal, count } = newJournal(200);
    await journal.settled(true); // its first file has syncs of its own
    const before = [count("fsync"), count("writev")];
    for (const session of sessions) send(session);
    await Promise.all(sessions.map((session) => session.settled()));
    expect([count("fsync") - before[0], count("writev") - before[1]]).toEqual([1, 1]);
    expect(await nextSeqs(folder)).toEqual(sessions.map(() => 1));
  });

  it("confirms nothing before its fsync is answered", async () => {
    const { disk, sessions, journal, count } = newJournal();
    await journal.settled(true);
    const answer = gate();
    const before = count("fsync");
    disk.fault = (call) => (call === "fsync" ? { until: answer.passed } : undefined);
    send(sessions[0]);
    sessions[0].hurry();
    await until(() => count("fsync") > before);
    send(sessions[0]); // what comes meanwhile is for the next one
    expect(sessions[0].durable.nextSeq).toBe(0);
    answer.open();
    await until(() => sessions[0].durable.nextSeq > 0);
    expect(sessions[0].durable.nextSeq).toBe(1);
    await sessions[0].settled();
    expect(sessions[0].durable.nextSeq).toBe(2);
  });

  it.each([
    ["ENOSPC", "writev"],
    ["EIO", "writev"],
    ["EIO", "fsync"],
    ["ENOSPC", "open"],
  ])("that meets %s at %s confirms nothing, and all of it in a new file later", async (code, failing) => {
    const { disk, sessions, folder, journal, errors, files } = newJournal();
    send(sessions[0]);
    await sessions[0].settled();
    let isFailing = true;
    disk.fault = (call, target) => {
      if (!isFailing || (call === "open" && !String(target).endsWith(".log"))) return undefined;
      return call === failing ? { code } : undefined;
    };
    if (failing === "open") skewMs += 61_000;
    send(sessions[0]);
    sessions[0].hurry();
    await until(() => errors.length > 0);
    expect(errors).toEqual([code]);
    expect(sessions[0].durable.nextSeq).toBe(1);
    expect(files().length).toBe(1); // what the session is at stays known, whatever happens now
    expect((await nextSeqs(folder))[0]).toBeGreaterThanOrEqual(1);
    isFailing = false;
    await journal.settled();
    expect(sessions[0].durable.nextSeq).toBe(2);
    expect(await nextSeqs(folder)).toEqual([2]);
    await until(() => files().length === 1);
  });

  it("leaves no pile of files while a disk takes small writes only", async () => {
    const { disk, sessions, journal, errors, files } = newJournal();
    journal.tell(newSegment(1), planOf(1));
    send(sessions[0]);
    await sessions[0].settled();
    let written = 1; // its file is begun: that takes one
    disk.fault = (call, target) => {
      if (call === "open" && String(target).endsWith(".log")) written = 0;
      return writes(call) && ++written > 1 ? { code: "ENOSPC" } : undefined;
    };
    send(sessions[0]);
    await until(() => errors.length >= 3);
    expect(files().length).toBeLessThanOrEqual(3);
    disk.fault = () => undefined;
    await sessions[0].settled();
    expect(sessions[0].durable.nextSeq).toBe(2);
  });

  it("that takes only some bytes of a write goes on behind them", async () => {
    const { disk, sessions, folder } = newJournal(3);
    disk.fault = (call) => (call === "writev" ? { bytes: 50 } : undefined);
    for (const session of sessions) send(session);
    await Promise.all(sessions.map((session) => session.settled()));
    expect(await nextSeqs(folder)).toEqual([1, 1, 1]);
  });
});

describe("an older file of a journal", () => {
  async function rotate({ sessions, journal }: ReturnType<typeof newJournal>): Promise<void> {
    skewMs += 61_000;
    send(sessions[0]);
    await journal.settled(true);
  }

  it("stays until the segments that need it are finished", async () => {
    const scene = newJournal();
    const segment = newSegment(1);
    scene.journal.tell(segment, planOf(1));
    send(scene.sessions[0]);
    await scene.sessions[0].settled();
    await rotate(scene);
    await rotate(scene);
    expect(scene.files()).toEqual(["0000000001.log", "0000000002.log", "0000000003.log"]);
    scene.journal.finished(segment);
    await until(() => scene.files().length === 1);
    expect(await nextSeqs(scene.folder)).toEqual([3]);
  });

  it("goes when they are durable in files of their own, and not before", async () => {
    const scene = newJournal();
    const synced = gate();
    scene.journal.tell(
      newSegment(1, async () => {
        await synced.passed;
        return true;
      }),
      planOf(1),
    );
    send(scene.sessions[0]);
    await scene.sessions[0].settled();
    await rotate(scene);
    expect(scene.files().length).toBe(2);
    synced.open();
    await until(() => scene.files().length === 1);
    expect((await readImage(scene.folder)).sessions.get(1)?.segments.size).toBe(1);
  });

  it("does not wait for streams that are not acknowledged", async () => {
    const scene = newJournal();
    scene.journal.tell({ ...newSegment(1), session: undefined }, planOf(1));
    await rotate(scene);
    await rotate(scene);
    await until(() => scene.files().length === 1);
  });
});

describe("a journal that is closed", () => {
  it("commits what waits", async () => {
    const { sessions, journal, folder } = newJournal();
    send(sessions[0]);
    await journal.close();
    open = undefined;
    expect(sessions[0].durable.nextSeq).toBe(1);
    expect(await nextSeqs(folder)).toEqual([1]);
  });

  it("rejects what the disk does not take, then and later, and forgets nobody", async () => {
    const { disk, sessions, journal, folder } = newJournal();
    send(sessions[0]);
    await sessions[0].settled();
    disk.fault = (call) => (writes(call) ? { code: "EIO" } : undefined);
    send(sessions[0]);
    const waiting = [sessions[0].settled(), journal.settled()].map((promise) => promise.catch(String));
    await journal.close();
    open = undefined;
    expect(await Promise.all(waiting)).toEqual(["Error: EIO: writev", "Error: EIO: writev"]);
    await expect(journal.settled()).rejects.toThrow("closed");
    await expect(sessions[0].settled()).rejects.toThrow("stopped");
    expect(await nextSeqs(folder)).toEqual([1]);
  });
});
