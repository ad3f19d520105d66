import { writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "libsql";
import { describe, expect, it } from "vitest";
import type { GapRecord } from "../src/index.js";
import {
  CATALOGUE_FILE,
  type Catalogue,
  isBroken,
  openCatalogue,
  type SegmentFacts,
  setAsideDatabase,
} from "../src/index.js";
import { temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const DAY_US = 1_763_769_600_000_000;
const HOUR_US = 3_600_000_000;

function facts(n: number, more: Partial<SegmentFacts> = {}): SegmentFacts {
  return {
    stem: `received/porch/stream_7_porch_${n}`,
    source: "websocket",
    device: "porch",
    streamId: 7,
    sampleRate: 16_000,
    channels: 1,
    bitsPerSample: 16,
    startUs: DAY_US + n * 10_000_000,
    samples: 160_000,
    gaps: [],
    levels: undefined,
    ...more,
  };
}

const LEVELS = {
  peakDbfs: -3,
  rmsDbfs: -20.5,
  clippedSamples: 2,
  flatSeconds: 1,
  track: Uint8Array.of(1, 2, 3),
};
const COPY = { bucket: "b", key: "received/porch/x.wav", verifiedUs: DAY_US };

function errorOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

function withCatalogue(work: (catalogue: Catalogue, dataDir: string) => void): void {
  const dataDir = newFolder();
  const catalogue = openCatalogue(dataDir);
  try {
    work(catalogue, dataDir);
  } finally {
    catalogue.close();
  }
}

describe("segments", () => {
  it("come back as they went in", () =>
    withCatalogue(({ segments }) => {
      const gap = { startUs: DAY_US + 5, samples: 320, cause: "lost-frames", filled: true } as const;
      const given = facts(0, { gaps: [gap], levels: LEVELS });
      const id = segments.put(given, [
        { form: "wav", bytes: 320_044 },
        { form: "bin", bytes: 100 },
      ]);
      const { track, ...summary } = LEVELS;
      const forms = [
        { form: "bin", bytes: 100, local: true, remote: undefined },
        { form: "wav", bytes: 320_044, local: true, remote: undefined },
      ];
      const expected = { ...given, id, endUs: DAY_US + 10_000_000, levels: summary, forms };
      expect(segments.byId(id)).toEqual(expected);
      expect(segments.byStem(given.stem)).toEqual(expected);
      expect(segments.list()).toEqual([expected]);
      expect(segments.tracks({ device: "porch" })).toEqual([
        { startUs: given.startUs, endUs: expected.endUs, track },
      ]);
    }));

  it("end behind what their file leaves out", () =>
    withCatalogue(({ segments }) => {
      const gap = {
        startUs: DAY_US + 4_000_000,
        samples: 48_000,
        cause: "lost-frames",
        filled: false,
      } as const;
      const id = segments.put(facts(0, { gaps: [gap] }), []);
      expect(segments.byId(id)?.endUs).toBe(DAY_US + 13_000_000);
    }));

  it("put twice are one, and keep their levels and remote copies", () =>
    withCatalogue(({ segments, devices }) => {
      const id = segments.put(facts(0, { levels: LEVELS }), [{ form: "wav", bytes: 5 }]);
      segments.setRemote(id, "wav", 5, COPY);
      expect(segments.put(facts(0), [{ form: "wav", bytes: 6 }])).toBe(id);
      expect(segments.byId(id)?.levels?.clippedSamples).toBe(2);
      expect(segments.byId(id)?.forms).toEqual([{ form: "wav", bytes: 6, local: true, remote: COPY }]);
      expect(devices.usage()).toEqual([
        { form: "wav", localFiles: 1, localBytes: 6, remoteFiles: 1, remoteBytes: 6 },
      ]);
    }));

  it("live as long as one of their forms does", () =>
    withCatalogue(({ segments, devices, jobs }) => {
      const id = segments.put(facts(0), [{ form: "wav", bytes: 5 }]);
      jobs.addFor(id, "compress", 1, 1);
      segments.addLocal(id, "flac", 3);
      segments.removeLocal(id, "wav");
      segments.setRemote(id, "flac", 3, COPY);
      segments.removeLocal(id, "flac");
      expect(segments.byId(id)?.forms).toEqual([{ form: "flac", bytes: 3, local: false, remote: COPY }]);
      expect(jobs.has(id, "compress")).toBe(true);
      const other = segments.put(facts(1), [{ form: "wav", bytes: 5 }]);
      jobs.addFor(other, "compress", 1, 1);
      segments.removeLocal(other, "wav");
      expect(segments.byId(other)).toBeUndefined();
      expect(jobs.lengths()).toEqual([{ step: "compress", waiting: 1, oldestMs: 1, givenUp: 0, failing: 0 }]);
      expect(devices.usage().map(({ localBytes }) => localBytes)).toEqual([0, 0]);
      expect(segments.put(facts(2), [])).toBeGreaterThan(other);
    }));

  it("are found by device and time, also long ones that only reach into the range", () =>
    withCatalogue(({ segments }) => {
      for (let n = 0; n < 100; n++) segments.put(facts(n), [{ form: "wav", bytes: 1 }]);
      const long = facts(-360, { samples: 16_000 * 4200, stem: "long", streamId: 8 });
      segments.put(long, []);
      segments.put(facts(50, { device: undefined, stem: "other" }), []);
      const fromUs = DAY_US + 500_000_001;
      const range = { fromUs, toUs: fromUs + 10_000_000 };
      const starts = (query: object) => segments.list(query).map(({ stem }) => stem.replace(/.*_/, ""));
      expect(starts({ device: "porch", ...range })).toEqual(["long", "50", "51"]);
      expect(starts({ device: null, ...range })).toEqual(["other"]);
      expect(starts({ device: "nobody" })).toEqual([]);
      expect(starts({ device: "porch", streamId: 7, fromUs, limit: 1 })).toEqual(["50"]);
      expect(starts({ device: "porch", descending: true, limit: 2 })).toEqual(["99", "98"]);
      const [last] = segments.list({ descending: true, limit: 1 });
      expect(starts({ after: last, descending: true, limit: 1 })).toEqual(["98"]);
      expect([...segments.each({ device: "porch" })]).toHaveLength(101);
    }));

  it("are summed up per device", () =>
    withCatalogue(({ segments, devices }) => {
      segments.put(facts(0), [{ form: "wav", bytes: 7 }]);
      segments.put(facts(9), [{ form: "wav", bytes: 8 }]);
      const usage = [{ form: "wav", localFiles: 2, localBytes: 15, remoteFiles: 0, remoteBytes: 0 }];
      const [firstUs, lastUs] = [DAY_US, DAY_US + 100_000_000];
      expect(devices.summaries()).toEqual([{ device: "porch", segments: 2, firstUs, lastUs, usage }]);
    }));
});

it("gaps are kept once, and found by device, cause and time", () =>
  withCatalogue(({ gaps }) => {
    const gap = {
      device: "porch",
      source: "udp",
      streamId: 7,
      sampleRate: 8000,
      cause: "disk-full",
    } as const;
    const times = { startUs: DAY_US, endUs: DAY_US + HOUR_US, lengthUs: HOUR_US, samples: 28_800_000 };
    const record: GapRecord = { ...gap, ...times, filled: false, gaps: 1 };
    const several: GapRecord = { ...record, device: undefined, streamId: undefined, gaps: 4 };
    for (const each of [record, record, several, several]) gaps.put(each);
    expect(gaps.list()).toEqual([record, several]);
    expect(gaps.list({ device: "porch", cause: "disk-full", fromUs: DAY_US, toUs: DAY_US + 1 })).toEqual([
      record,
    ]);
    expect(gaps.list({ device: null, fromUs: DAY_US + HOUR_US })).toEqual([]);
    expect(gaps.totals("porch")).toEqual([{ cause: "disk-full", gaps: 1, lengthUs: HOUR_US }]);
  }));

it("sound events are replaced while they go on; the detector's state is kept per stream", () =>
  withCatalogue(({ sounds }) => {
    const event = {
      device: "porch",
      streamId: 7,
      startUs: 5,
      endUs: 9,
      peakDbfs: -9,
      backgroundDbfs: -60,
      score: 51,
    };
    sounds.put(event);
    sounds.put({ ...event, endUs: 12 });
    expect(sounds.list({ device: "porch", minScore: 50 })).toEqual([{ ...event, endUs: 12 }]);
    expect(sounds.list({ minScore: 52 })).toEqual([]);
    expect(sounds.state("porch", 7)).toBeUndefined();
    sounds.setState("porch", 7, "{}");
    expect(sounds.state("porch", 7)).toBe("{}");
  }));

it("jobs wait once per segment and step, in order of when they are due, and can be given up", () =>
  withCatalogue(({ segments, jobs }) => {
    const ids = [0, 1, 2].map((n) => segments.put(facts(n), [{ form: "wav", bytes: 1 }]));
    for (const [n, id] of ids.entries()) jobs.addFor(id, "upload", 100, 200 - n);
    jobs.addFor(ids[0], "upload", 100, 0);
    jobs.add("hook", '{"a":1}', 150);
    const due = jobs.due("upload", 199, 10);
    expect(due.map(({ segmentId }) => segmentId)).toEqual([ids[2], ids[1]]);
    expect(jobs.nextDueMs("upload")).toBe(198);
    jobs.failed(due[0].id, "no route", 500);
    jobs.failed(due[1].id, "no such bucket", undefined);
    jobs.postpone(jobs.due("upload", 200, 1)[0].id, "no route", 900);
    expect(jobs.due("upload", 499, 10)).toEqual([]);
    expect(jobs.due("upload", 500, 10)).toMatchObject([
      { attempts: 1, error: "no route", segmentId: ids[2] },
    ]);
    expect(jobs.lengths()).toEqual([
      { step: "hook", waiting: 1, oldestMs: 150, givenUp: 0, failing: 0 },
      { step: "upload", waiting: 2, oldestMs: 100, givenUp: 1, failing: 2 },
    ]);
    expect(jobs.retryAll("upload", 501)).toBe(3);
    for (const { id } of jobs.due("upload", 900, 10)) jobs.done(id);
    expect(jobs.nextDueMs("upload")).toBeUndefined();
    expect(jobs.due("hook", 150, 1)).toMatchObject([{ payload: '{"a":1}', segmentId: undefined }]);
  }));

it("a transaction that fails leaves nothing", () =>
  withCatalogue((catalogue) => {
    const work = () => {
      catalogue.segments.put(facts(0), []);
      throw new Error("no");
    };
    expect(() => catalogue.transaction(work)).toThrow("no");
    expect(catalogue.segments.list()).toEqual([]);
    expect(catalogue.segments.put(facts(1), [])).toBe(1);
  }));

it("what was read of folders and ledger is noted", () =>
  withCatalogue(({ notes }) => {
    notes.setFolder("received", 1_763_769_600_123_456_789n);
    expect([notes.folderMtimeNs("received"), notes.folderMtimeNs("x")]).toEqual([
      1_763_769_600_123_456_789n,
      undefined,
    ]);
    notes.removeFolder("received");
    expect(notes.folders()).toEqual([]);
    notes.setLedgerBytes("2026-11-21.jsonl", 7);
    expect([notes.ledgerBytes("2026-11-21.jsonl"), notes.ledgerBytes("x")]).toEqual([7, 0]);
    notes.setMark("scanned", "1");
    expect([notes.mark("scanned"), notes.mark("x")]).toEqual(["1", undefined]);
  }));

describe("a catalogue", () => {
  it("is read by several at once, and written by none who only reads", () =>
    withCatalogue(({ segments }, dataDir) => {
      const reader = openCatalogue(dataDir, { readOnly: true });
      segments.put(facts(0), []);
      expect(reader.segments.list()).toHaveLength(1);
      expect(() => reader.segments.put(facts(1), [])).toThrow("readonly");
      reader.close();
    }));

  it("that is missing, damaged or from a newer program says so, and what to do", () => {
    const dataDir = newFolder();
    const opened = (readOnly: boolean) => () => openCatalogue(dataDir, { readOnly }).close();
    const file = join(dataDir, CATALOGUE_FILE);
    expect(opened(true)).toThrow(/there is no catalogue .*catalogue\.db: run audio-receiver reindex/);
    writeFileSync(file, "no database ".repeat(1000));
    expect(opened(false)).toThrow(/is damaged \(file is not a database\): run audio-receiver reindex/);
    expect(setAsideDatabase(dataDir)).toBe(`${file}.broken`);
    opened(false)();
    const database = new Database(file);
    database.exec("PRAGMA user_version = 99");
    database.close();
    expect(opened(true)).toThrow(/has version 99, this program knows \d+: use the newer program/);
    expect(() => openCatalogue(join(dataDir, "nowhere"))).toThrow(/cannot be opened/);
  });

  it("that is damaged in its middle is known to be broken", () => {
    const dataDir = newFolder();
    const first = openCatalogue(dataDir);
    first.transaction(() => {
      for (let n = 0; n < 2000; n++) first.segments.put(facts(n), [{ form: "wav", bytes: 1 }]);
    });
    first.close();
    const size = 40 * 4096;
    writeFileSync(join(dataDir, CATALOGUE_FILE), Buffer.alloc(size, 0xa5), { flag: "r+" });
    const read = () => openCatalogue(dataDir).segments.list();
    expect(errorOf(read)).toSatisfy(isBroken);
  });
});
