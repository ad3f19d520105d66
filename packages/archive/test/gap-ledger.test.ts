import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import type { GapEvent } from "../src/events.js";
import { GapLedger } from "../src/gaps/gap-ledger.js";
import { FaultyFs, gate } from "./support/faulty-fs.js";
import { MONO_16 } from "./support/studio.js";
import { filesBelow, temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const NOON_US = Date.UTC(2026, 10, 21, 12) * 1000;
const until = (condition: () => boolean) =>
  vi.waitFor(() => expect(condition()).toBe(true), { interval: 20, timeout: 10_000 });

function gap(second: number, device = "mic"): GapEvent {
  const startUs = NOON_US + second * 1_000_000;
  return { stream: { ...MONO_16, device }, startUs, samples: 500, cause: "lost-frames", filled: true };
}

/** A ledger on a disk that may fail, and what it said. */
function newLedger(dataDir = newFolder()) {
  const disk = new FaultyFs();
  const told: (string | undefined)[] = [];
  const ledger = new GapLedger({ dataDir, fs: disk.fs, onTrouble: (error) => told.push(error?.message) });
  return { dataDir, disk, told, ledger, file: join(dataDir, "gaps", "2026-11-21.jsonl") };
}

async function seconds(ledger: GapLedger): Promise<number[]> {
  const found: number[] = [];
  for await (const { startUs } of ledger.query()) found.push((startUs - NOON_US) / 1_000_000);
  return found;
}

describe("the gap ledger", () => {
  it("brings gaps to the disk by itself, many with one write and one fsync", async () => {
    const { disk, ledger, file } = newLedger();
    for (let i = 0; i < 300; i++) ledger.record(gap(i, `mic-${i}`));
    expect(disk.calls).toEqual([]);
    await until(() => ledger.pending === 0);
    expect(readFileSync(file, "utf8").split("\n")).toHaveLength(301);
    expect(disk.calls.filter((call) => call === "write")).toHaveLength(1);
    await ledger.close();
  });

  it("syncs the file, and the folders it made", async () => {
    const { dataDir, disk, ledger, file } = newLedger();
    const opened: unknown[] = [];
    disk.fault = (call, target) => void (call === "open" && opened.push(target));
    ledger.record(gap(0));
    await ledger.flush();
    expect(disk.calls.filter((call) => call === "fsync")).toHaveLength(3);
    expect(opened).toEqual([file, dataDir, file, join(dataDir, "gaps")]);
    disk.calls.length = 0;
    ledger.record(gap(5));
    await ledger.flush();
    expect(disk.calls).toEqual(["open", "fstat", "read", "write", "fsync", "close"]);
  });

  it("writes nothing as long as nothing is missing", async () => {
    const { dataDir, ledger } = newLedger();
    await ledger.close();
    expect(filesBelow(dataDir)).toEqual([]);
  });

  it("goes on where an earlier run ended, and mends the line that a crash tore", async () => {
    const before = newLedger();
    before.ledger.record(gap(0));
    before.ledger.record(gap(10));
    await before.ledger.close();
    const size = statSync(before.file).size;
    appendFileSync(before.file, `{"device":"mic","source":"websocket"${"x".repeat(9000)}`);
    const { ledger, file } = newLedger(before.dataDir);
    expect(await seconds(ledger)).toEqual([0, 10]);
    ledger.record(gap(20));
    await ledger.close();
    expect(await seconds(ledger)).toEqual([0, 10, 20]);
    expect(readFileSync(file, "utf8").length).toBeLessThan(2 * size);
  });

  it("mends a file that is one torn line", async () => {
    const { dataDir, ledger, file } = newLedger();
    mkdirSync(join(dataDir, "gaps"));
    writeFileSync(file, '{"devi');
    ledger.record(gap(3));
    await ledger.close();
    expect(
      readFileSync(file, "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toHaveLength(1);
  });
});

describe.concurrent("while the disk refuses", () => {
  it.each([
    ["open", { code: "EROFS" }],
    ["mkdir", { code: "ENOSPC" }],
    ["write", { code: "ENOSPC" }],
    ["fsync", { code: "EIO" }],
    ["close", { code: "EIO" }],
  ] as const)(
    "keeps gaps, says so once, and writes each once when it is well: %s",
    async (failing, fault) => {
      const { dataDir, disk, told, ledger } = newLedger();
      if (failing !== "mkdir") mkdirSync(join(dataDir, "gaps"));
      disk.fault = (call) => (call === failing ? fault : undefined);
      for (let second = 0; second < 5; second++) {
        ledger.record(gap(second * 2));
        await ledger.flush();
      }
      expect(ledger.trouble?.message).toContain(fault.code);
      expect(ledger.pending).toBe(5);
      expect(told).toEqual([`${fault.code}: ${failing}`]);
      disk.fault = () => undefined;
      await until(() => ledger.pending === 0); // by itself
      expect(told).toEqual([`${fault.code}: ${failing}`, undefined]);
      expect(await seconds(ledger)).toEqual([0, 2, 4, 6, 8]);
      await ledger.close();
    },
  );

  it("a write that was cut short leaves nothing torn, and nothing twice", async () => {
    const { disk, ledger, file } = newLedger();
    ledger.record(gap(0));
    await ledger.flush();
    for (const second of [2, 4, 6]) ledger.record(gap(second));
    let writes = 0;
    disk.fault = (call) =>
      call !== "write" ? undefined : ++writes === 1 ? { bytes: 300 } : { code: "ENOSPC" };
    await ledger.flush();
    expect(await seconds(newLedger(join(file, "../..")).ledger)).toEqual([0, 2]); // what a crash here would leave
    disk.fault = () => undefined;
    ledger.record(gap(8));
    await ledger.flush();
    expect(await seconds(ledger)).toEqual([0, 2, 4, 6, 8]);
    await ledger.close();
  });

  it("does not make a data directory that is gone", async () => {
    const { dataDir, ledger } = newLedger();
    rmSync(dataDir, { recursive: true });
    ledger.record(gap(0));
    await ledger.close();
    expect(ledger.trouble?.message).toContain("ENOENT");
    expect(ledger.pending).toBe(1);
  });

  it("holds a stalled disk's gaps, and loses none that come meanwhile", async () => {
    const { disk, ledger } = newLedger();
    const slow = gate();
    disk.fault = (call) => (call === "write" ? { until: slow.passed } : undefined);
    ledger.record(gap(0));
    const first = ledger.flush();
    for (let second = 2; second < 20; second += 2) ledger.record(gap(second, `mic-${second}`));
    slow.open();
    await first;
    expect(await seconds(ledger)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
    await ledger.close();
  });
});
