import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { findFfmpeg } from "../src/ffmpeg.js";
import { CompressionPool } from "../src/pool.js";
import { recording, temporaryFolder } from "./support/recordings.js";

const ffmpeg = await findFfmpeg({ encoders: ["flac"] });
const folder = temporaryFolder();

test("takes its share of the cores, at least one", () => {
  const cores = availableParallelism();
  expect(new CompressionPool().concurrency).toBe(Math.max(1, Math.floor(cores / 2)));
  expect(new CompressionPool({ cpuShare: 0 }).concurrency).toBe(1);
  expect(new CompressionPool({ cpuShare: 1 }).concurrency).toBe(cores);
  expect(() => new CompressionPool({ cpuShare: 2 })).toThrow(RangeError);
});

test("counts what it did", async () => {
  const pool = new CompressionPool({ cpuShare: 1 });
  expect(pool.totals).toMatchObject({ compressed: 0, percent: 100, timesRealTime: 0 });
  const inputs = Array.from({ length: 5 }, () => recording(folder()).path);
  const working = inputs.map((input) => pool.compress({ ffmpeg, input, format: "flac" }));
  const failing = pool.compress({ ffmpeg, input: "/nowhere.wav", format: "flac" });
  const failed = expect(failing).rejects.toMatchObject({ code: "file-unreadable" });
  expect(pool.totals.running).toBe(Math.min(6, pool.concurrency));
  expect(pool.totals.running + pool.totals.waiting).toBe(6);
  const done = await Promise.all(working);
  await failed;
  const sum = (pick: (one: (typeof done)[number]) => number) =>
    done.reduce((total, one) => total + pick(one), 0);
  const [bytesBefore, bytesAfter] = [sum((one) => one.bytesBefore), sum((one) => one.bytesAfter)];
  expect(pool.totals).toMatchObject({
    compressed: 5,
    failed: 1,
    running: 0,
    waiting: 0,
    bytesBefore,
    bytesAfter,
  });
  expect(pool.totals.percent).toBeCloseTo((100 * bytesAfter) / bytesBefore);
  expect(pool.totals.audioSeconds).toBe(10);
  expect(pool.totals.timesRealTime).toBeCloseTo(10 / pool.totals.wallSeconds);
});

test("takes no more than may wait, and drops what is not wanted any more", async () => {
  const pool = new CompressionPool({ cpuShare: 0, maxWaiting: 1 });
  const stop = new AbortController();
  const { path } = recording(folder());
  const other = recording(folder()).path;
  const options = { ffmpeg, input: path, format: "flac" as const };
  const running = pool.compress(options);
  const waiting = pool.compress({ ...options, input: other, signal: stop.signal });
  await expect(pool.compress(options)).rejects.toMatchObject({ code: "queue-full" });
  stop.abort();
  await expect(waiting).rejects.toThrow(/abort/i);
  await running;
  expect(pool.totals).toMatchObject({ compressed: 1, failed: 0 });
});
