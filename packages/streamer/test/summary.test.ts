import { describe, expect, test } from "vitest";
import type { StreamProgress } from "../src/options.js";
import { progressRows } from "../src/progress.js";
import { formatBytes, formatSummary, type StreamSummary, summarize } from "../src/summary.js";

const stream: StreamSummary = {
  streamId: 1,
  sampleRate: 16_000,
  channels: 1,
  samples: 160_000,
  seconds: 10,
  frames: 500,
  bytes: 88_032,
  reconnects: 0,
  framesSkipped: 0,
  acknowledged: false,
  framesAcknowledged: 0,
};

describe("summary", () => {
  test("adds the streams up", () => {
    const summary = summarize([stream, { ...stream, streamId: 2, reconnects: 1 }], 0.5, false);
    expect(summary).toMatchObject({
      streams: 2,
      seconds: 20,
      frames: 1_000,
      bytes: 176_064,
      realtimeFactor: 40,
    });
    expect(formatSummary(summary)).toBe(
      "2 streams, 20.0 s of audio, 1000 frames, 176.1 kB in 0.50 s: 40.00 times real time, 1 reconnect",
    );
  });

  test("says when it was stopped, and needs no time to have passed", () => {
    expect(formatSummary(summarize([stream], 0, true))).toBe(
      "stopped: 1 stream, 10.0 s of audio, 500 frames, 88.0 kB in 0.00 s: 0.00 times real time",
    );
  });

  test("says what the server has on disk, if it told of every stream", () => {
    const known = { ...stream, acknowledged: true, framesAcknowledged: 500 };
    const all = summarize([known, known], 1, false);
    expect(all).toMatchObject({ acknowledged: true, framesAcknowledged: 1_000 });
    expect(formatSummary(all)).toMatch(/20\.00 times real time, all acknowledged$/);
    const some = summarize([known, { ...known, framesAcknowledged: 100 }], 1, true);
    expect(formatSummary(some)).toMatch(/, 600 acknowledged$/);
    const old = summarize([known, stream], 1, false);
    expect(old.acknowledged).toBe(false);
    expect(formatSummary(old)).toMatch(/times real time$/);
  });

  test.each([
    [0, "0 B"],
    [999, "999 B"],
    [1_000, "1.0 kB"],
    [2_500_000, "2.5 MB"],
    [7e15, "7000.0 TB"],
  ])("%d bytes: %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe("progress", () => {
  const progress = (streamId: number, more: Partial<StreamProgress> = {}): StreamProgress => ({
    streamId,
    state: "streaming",
    seconds: 5,
    totalSeconds: 10,
    frames: 250,
    bytes: 44_000,
    reconnects: 0,
    unacknowledgedSeconds: 0,
    ...more,
  });

  test("a row per stream up to five", () => {
    const rows = progressRows([1, 2, 3, 4, 5].map((id) => progress(id)));
    expect(rows).toHaveLength(5);
    expect(rows[4]).toEqual({ label: "stream 5", seconds: 5, totalSeconds: 10, text: "44.0 kB, streaming" });
  });

  test("one row for all beyond, with how many are in which state", () => {
    const rows = progressRows([1, 2, 3, 4, 5, 6].map((id) => progress(id, id > 4 ? { state: "done" } : {})));
    expect(rows).toEqual([
      { label: "6 streams", seconds: 30, totalSeconds: 60, text: "264.0 kB, 4 streaming, 2 done" },
    ]);
  });

  test("a stream that the server holds back says so, and how much it keeps", () => {
    const held = { state: "waiting", unacknowledgedSeconds: 75.4 } as const;
    expect(progressRows([progress(1, held)])[0].text).toBe(
      "44.0 kB, waiting for the server's disk, 75 s not acknowledged",
    );
    const rows = progressRows([1, 2, 3, 4, 5, 6].map((id) => progress(id, id > 4 ? held : {})));
    expect(rows[0].text).toBe(
      "264.0 kB, 4 streaming, 2 waiting for the server's disk, 151 s not acknowledged",
    );
  });

  test("no total where an end is unknown", () => {
    const rows = progressRows([1, 2, 3, 4, 5, 6].map((id) => progress(id, { totalSeconds: undefined })));
    expect(rows[0].totalSeconds).toBeUndefined();
  });
});
