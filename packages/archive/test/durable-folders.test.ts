import { mkdirSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it, vi } from "vitest";
import type { SyncPolicy } from "../src/recording/segment-store.js";
import { FaultyFs, gate } from "./support/faulty-fs.js";
import { Studio, signal } from "./support/studio.js";
import { temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const until = (condition: () => boolean) => vi.waitFor(() => expect(condition()).toBe(true), { interval: 5 });

/** A studio, and in order the folders that were opened for their fsync, relative to the data directory. */
function newStudio(syncPolicy: SyncPolicy) {
  const disk = new FaultyFs();
  const studio = new Studio(newFolder(), { fs: disk.fs, syncPolicy });
  const synced: string[] = [];
  disk.fault = (call, target) => {
    if (call === "open" && !/\.part$/.test(String(target)))
      synced.push(relative(studio.store.dataDir, String(target)) || ".");
    return undefined;
  };
  return { disk, studio, synced };
}

function send(studio: Studio, recorder: ReturnType<Studio["record"]>): void {
  studio.clock.nowUs += 1_000_000;
  recorder.begin(studio.clock.nowUs);
  recorder.write(signal(0, 2000), 0, 2000);
  recorder.end(studio.clock.nowUs);
}

const TEMPLATE = { template: ({ device }: { device: string }) => `received/${device}/name` };

describe("a new folder", () => {
  it("is synced into its parent, once, before its first segment has its name", async () => {
    const { studio, synced } = newStudio("segment");
    const recorder = studio.record({}, TEMPLATE);
    send(studio, recorder);
    await until(() => studio.opened.length === 1);
    expect(synced).toEqual([".", "received"]);
    send(studio, recorder);
    recorder.cut();
    send(studio, recorder);
    await recorder.close();
    expect(synced).toEqual([".", "received", "received/mic", "received/mic"]);
  });

  it("is shared: a hundred devices that come at once wait for few", async () => {
    const { studio, synced } = newStudio("segment");
    const recorders = Array.from({ length: 100 }, (_, i) => studio.record({ device: `mic-${i}` }, TEMPLATE));
    for (const recorder of recorders) send(studio, recorder);
    await until(() => studio.opened.length === 100);
    expect(synced.filter((folder) => folder === ".").length).toBeLessThanOrEqual(2);
    expect(synced.length).toBeLessThan(50);
    for (const recorder of recorders) await recorder.close();
  });

  it("is left to the operating system with the policy never", async () => {
    const { studio, synced } = newStudio("never");
    const recorder = studio.record({}, TEMPLATE);
    send(studio, recorder);
    await recorder.close();
    expect([studio.completed.length, synced]).toEqual([1, []]);
  });

  it("that another stream is making durable is waited for", async () => {
    const { disk, studio } = newStudio("segment");
    const slow = gate();
    disk.fault = (call) => (call === "fsync" ? { until: slow.passed } : undefined);
    const recorders = [studio.record({}, TEMPLATE), studio.record({}, TEMPLATE)];
    for (const recorder of recorders) send(studio, recorder);
    await until(() => disk.calls.includes("fsync"));
    expect(studio.opened).toEqual([]);
    slow.open();
    await until(() => studio.opened.length === 2);
    for (const recorder of recorders) await recorder.close();
    expect(studio.completed).toHaveLength(2);
  });

  it("that cannot be synced fails its segment, and the next one tries again", async () => {
    const { disk, studio } = newStudio("segment");
    disk.fault = (call) => (call === "fsync" ? { code: "EIO" } : undefined);
    const recorder = studio.record({}, TEMPLATE);
    send(studio, recorder);
    await until(() => studio.failed.length === 1);
    expect(studio.disk.trouble).toBe("disk-unavailable");
    disk.fault = () => undefined;
    await studio.disk.start();
    studio.disk.stop();
    const before = disk.calls.filter((call) => call === "fsync").length;
    send(studio, recorder);
    await until(() => studio.opened.length === 1);
    expect(disk.calls.filter((call) => call === "fsync").length).toBeGreaterThan(before);
    await recorder.close();
    expect(studio.gaps).toMatchObject([{ cause: "disk-full", samples: 1000 }]);
  });

  it("that vanishes again is nobody's trouble", async () => {
    const { disk, studio } = newStudio("segment");
    const slow = gate();
    disk.fault = (call, target) =>
      call === "open" && String(target).endsWith("received") ? { until: slow.passed } : undefined;
    const recorder = studio.record({}, TEMPLATE);
    send(studio, recorder);
    await until(() => disk.calls.filter((call) => call === "open").length > 3);
    rmSync(join(studio.store.dataDir, "received"), { recursive: true });
    slow.open();
    await until(() => studio.opened.length === 1);
    const other = studio.record({ device: "other" }, TEMPLATE);
    mkdirSync(join(dirname(studio.opened[0].path)), { recursive: true });
    send(studio, other);
    await other.close();
    expect(studio.completed.map(({ stream }) => stream.device)).toEqual(["other"]);
    await recorder.close();
  });
});

describe("with the policy interval, what is in progress", () => {
  it("is in its folder for good as soon as it has its name", async () => {
    const { studio, synced } = newStudio("interval");
    mkdirSync(join(studio.store.dataDir, "received/mic"), { recursive: true });
    const recorder = studio.record({}, TEMPLATE);
    send(studio, recorder);
    await until(() => studio.opened.length === 1);
    expect(synced).toEqual(["received/mic"]);
    await recorder.close();
  });
});
