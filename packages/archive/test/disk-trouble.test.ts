import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { formatFrame } from "@audio/protocol";
import { WAV_HEADER_BYTES } from "@audio/wav";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { recoverParts } from "../src/index.js";
import { type Fault, FaultyFs, gate } from "./support/faulty-fs.js";
import { readSegment, Studio, signal } from "./support/studio.js";
import { filesBelow, temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const until = (condition: () => boolean) => vi.waitFor(() => expect(condition()).toBe(true), { interval: 5 });

function newStudio(options = {}) {
  const disk = new FaultyFs();
  const folder = newFolder();
  mkdirSync(join(folder, "mic")); // or its fsync would be the first that fails
  return { disk, studio: new Studio(folder, { fs: disk.fs, ...options }) };
}

/** Hands audio over and asks for it to be written. */
function send(studio: Studio, recorder: ReturnType<Studio["record"]>, sampleFrames: number): void {
  studio.clock.nowUs += sampleFrames * 1000;
  recorder.begin(studio.clock.nowUs);
  recorder.write(signal(recorder.samples * 2, sampleFrames * 2), 0, sampleFrames * 2);
  recorder.end(studio.clock.nowUs);
  recorder.flush(studio.clock.nowUs);
}

async function audioAfterRecovery(folder: string): Promise<Buffer[]> {
  for await (const { outcome } of recoverParts(folder)) expect(outcome).not.toBe("quarantined");
  return filesBelow(folder)
    .filter((path) => path.endsWith(".wav"))
    .map((path) => readFileSync(join(folder, path)).subarray(WAV_HEADER_BYTES));
}

describe("a disk that fails in the middle of a segment", () => {
  it.each(["ENOSPC", "EIO"])(
    "ends it with %s, drops what follows as a gap, and goes on when it is well",
    async (code) => {
      const { disk, studio } = newStudio();
      const recorder = studio.record();
      send(studio, recorder, 1000);
      await until(() => studio.opened.length === 1 && studio.store.backlog.bytes === 0);
      disk.fault = (call) => (call.startsWith("write") ? { code } : undefined);
      send(studio, recorder, 1000);
      await until(() => studio.failed.length === 1);
      send(studio, recorder, 1500);
      disk.fault = () => undefined;
      await studio.disk.start(); // its first look finds the disk well
      studio.disk.stop();
      send(studio, recorder, 700);
      await recorder.close();
      expect(studio.completed.map(({ samples }) => samples)).toEqual([700]);
      expect(studio.gaps).toMatchObject([
        { samples: 2500, cause: "disk-full", filled: false, startUs: studio.opened[0].startUs + 1_000_000 },
      ]);
      expect(studio.completed[0].startUs).toBe(studio.opened[0].startUs + 3_500_000);
      expect(studio.store.backlog.bytes).toBe(0);
      const [kept] = await audioAfterRecovery(studio.store.dataDir);
      expect(kept.equals(signal(0, 2000))).toBe(true);
    },
  );

  it("that fails once costs what was not written, no more", async () => {
    const { disk, studio } = newStudio();
    const recorder = studio.record();
    let left = 1;
    disk.fault = (call) => (call.startsWith("write") && left-- > 0 ? { code: "EIO" } : undefined);
    send(studio, recorder, 1000);
    await until(() => studio.failed.length === 1);
    await studio.disk.start();
    studio.disk.stop();
    send(studio, recorder, 1000);
    await recorder.close();
    expect(studio.gaps).toMatchObject([{ samples: 1000, cause: "disk-full" }]);
    expect(studio.completed.map(({ samples }) => samples)).toEqual([1000]);
  });

  it("closes the segments of all streams, whole", async () => {
    const { studio } = newStudio();
    const recorders = [1, 2, 3].map((streamId) => studio.record({ streamId, device: `mic-${streamId}` }));
    for (const recorder of recorders) {
      recorder.begin(studio.clock.nowUs);
      recorder.write(signal(0, 2000), 0, 2000);
      recorder.end(studio.clock.nowUs);
    }
    studio.disk.report(Object.assign(new Error("full"), { code: "ENOSPC" }));
    for (const recorder of recorders) recorder.flush(studio.clock.nowUs);
    await until(() => studio.completed.length === 3);
    expect(studio.failed).toEqual([]);
    for (const { path } of studio.completed)
      expect(readSegment(path).audio.equals(signal(0, 2000))).toBe(true);
    await Promise.all(recorders.map((recorder) => recorder.close()));
    expect(studio.gaps).toEqual([]);
  });
});

describe("a segment whose file cannot be opened", () => {
  it.each(["EACCES", "ENOSPC", "EMFILE"])("is a gap from its first sample on: %s", async (code) => {
    const { disk, studio } = newStudio();
    disk.fault = (call) => (call === "open" ? { code } : undefined);
    const recorder = studio.record({}, { keepFrames: true });
    recorder.begin(studio.clock.nowUs);
    const frame = formatFrame("pcm16", 0, signal(0, 20));
    recorder.frame(frame, 0, frame.length);
    recorder.write(signal(0, 2000), 0, 2000);
    recorder.end(studio.clock.nowUs);
    await until(() => studio.failed.length === 1);
    expect(studio.failed[0]).toMatchObject({ path: undefined, error: { code } });
    await recorder.close();
    expect(studio.opened).toEqual([]);
    expect(studio.gaps).toMatchObject([{ samples: 1000, cause: "disk-full", filled: false }]);
    expect(studio.store.backlog.bytes).toBe(0);
    expect(filesBelow(studio.store.dataDir)).toEqual([]);
  });

  it("may be the .bin alone: both end, and the WAV is recovered", async () => {
    const { disk, studio } = newStudio();
    disk.fault = (call, target) =>
      call === "open" && String(target).endsWith(".bin.part") ? { code: "EMFILE" } : undefined;
    const recorder = studio.record({}, { keepFrames: true });
    send(studio, recorder, 1000);
    await until(() => studio.store.backlog.bytes === 0);
    const frame = formatFrame("pcm16", 0, signal(0, 20));
    recorder.frame(frame, 0, frame.length);
    await recorder.close();
    expect(studio.failed).toMatchObject([{ path: studio.opened[0].path, error: { code: "EMFILE" } }]);
    const [kept] = await audioAfterRecovery(studio.store.dataDir);
    expect(kept.equals(signal(0, 2000))).toBe(true);
  });
});

describe("a segment that cannot be completed", () => {
  it.each(["fsync", "close", "rename"])("stays .part with all its audio: %s", async (failing) => {
    const { disk, studio } = newStudio({ syncPolicy: "segment" });
    const recorder = studio.record();
    send(studio, recorder, 1000);
    disk.fault = (call) => (call === failing ? { code: "EIO" } : undefined);
    await recorder.close();
    expect(studio.completed).toEqual([]);
    expect(studio.failed).toMatchObject([{ path: studio.opened[0].path, error: { code: "EIO" } }]);
    expect(studio.gaps).toEqual([]);
    const [kept] = await audioAfterRecovery(studio.store.dataDir);
    expect(kept.subarray(0, 2000).equals(signal(0, 2000))).toBe(true);
  });

  it("may fail while an earlier one is still being completed: the process lives, the order stays", async () => {
    const { disk, studio } = newStudio({ syncPolicy: "segment" });
    const recorder = studio.record({}, { segmentSeconds: 1 });
    const slow = gate();
    let fsyncs = 0;
    disk.fault = (call): Fault | undefined => {
      if (call !== "fsync") return undefined;
      return ++fsyncs === 1 ? { until: slow.passed } : { code: "EIO" };
    };
    send(studio, recorder, 1000);
    await until(() => fsyncs === 1);
    send(studio, recorder, 1000);
    await until(() => fsyncs > 1);
    await sleep(50); // an unhandled rejection would fail the run
    expect(studio.completed).toEqual([]);
    slow.open();
    disk.fault = () => undefined;
    await recorder.close();
    expect(studio.completed).toHaveLength(1);
    expect(studio.failed).toHaveLength(1);
  });
});

describe("a disk that stalls", () => {
  it("holds up the sender instead of filling memory, and lets it go on", async () => {
    const { disk, studio } = newStudio();
    const relieved: number[] = [];
    const limit = 200_000;
    const recorder = studio.record(
      {},
      { backlogBytes: limit, onRelief: () => relieved.push(recorder.samples), segmentSeconds: 100 },
    );
    const slow = gate();
    disk.fault = (call) => (call.startsWith("write") ? { until: slow.passed } : undefined);
    let most = 0;
    for (let i = 0; i < 1000 && !recorder.congested; i++) {
      send(studio, recorder, 1000);
      most = Math.max(most, studio.store.backlog.bytes);
    }
    expect(recorder.congested).toBe(true);
    expect(most).toBeLessThanOrEqual(limit + 2000 + WAV_HEADER_BYTES);
    expect(relieved).toEqual([]);
    slow.open();
    disk.fault = () => undefined;
    await until(() => relieved.length > 0);
    expect(recorder.congested).toBe(false);
    send(studio, recorder, 1000);
    await recorder.close();
    expect(studio.store.backlog.bytes).toBe(0);
    expect(
      Buffer.concat(studio.completed.map(({ path }) => readSegment(path).audio)).equals(
        signal(0, recorder.samples * 2),
      ),
    ).toBe(true);
  });

  it("holds up a sender whose segments are finished faster than the disk can", async () => {
    const { disk, studio } = newStudio({ syncPolicy: "segment" });
    let relieved = 0;
    const recorder = studio.record({}, { segmentSeconds: 0.01, onRelief: () => relieved++ });
    const slow = gate();
    disk.fault = (call) => (call === "fsync" ? { until: slow.passed } : undefined);
    recorder.begin(studio.clock.nowUs);
    let sent = 0;
    for (; sent < 1000 && !recorder.congested; sent += 10) recorder.write(signal(0, 20), 0, 20);
    expect(sent).toBeLessThan(1000);
    slow.open();
    disk.fault = () => undefined;
    await until(() => !recorder.congested && relieved > 0);
    await recorder.close();
    expect(studio.completed).toHaveLength(sent / 10);
  });
});

it("keeps every byte that the disk took, whatever fails and whenever", async () => {
  const faults = fc.array(
    fc.tuple(fc.nat(30), fc.constantFrom<Fault>({ code: "ENOSPC" }, { bytes: 700 }, { bytes: 45 })),
    { maxLength: 4 },
  );
  await fc.assert(
    fc.asyncProperty(
      faults,
      fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 12 }),
      async (all, sends) => {
        const { disk, studio } = newStudio();
        const byCall = new Map(all);
        let calls = 0;
        disk.fault = (call) => (call.startsWith("write") ? byCall.get(calls++) : undefined);
        const recorder = studio.record({}, { segmentSeconds: 2 });
        for (const sampleFrames of sends) {
          send(studio, recorder, sampleFrames);
          await new Promise((resolve) => setImmediate(resolve));
        }
        await recorder.close();
        expect(studio.store.backlog.bytes).toBe(0);
        const kept = (await audioAfterRecovery(studio.store.dataDir)).length;
        expect(kept).toBeLessThanOrEqual(studio.opened.length);
        expect(accounted(studio)).toBe(recorder.samples);
      },
    ),
    { numRuns: 100 },
  );
});

/** Sample frames of whole segments, of gaps, and of what recovery keeps of failed ones. */
function accounted(studio: Studio): number {
  const completed = studio.completed.reduce((sum, { samples }) => sum + samples, 0);
  const gaps = studio.gaps.reduce((sum, { samples }) => sum + samples, 0);
  const salvaged = studio.failed.reduce((sum, { path }) => sum + salvagedSamples(path), 0);
  return completed + gaps + salvaged;
}

function salvagedSamples(path: string | undefined): number {
  if (path === undefined) return 0;
  try {
    return readSegment(path).audio.length / 2;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return 0; // it held no audio
  }
}
