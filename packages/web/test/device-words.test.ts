import { describe, expect, it } from "vitest";
import {
  findDevices,
  formatWords,
  gapsByCause,
  monthsOf,
  openOf,
  pieceOf,
  retentionWords,
} from "../src/pages/devices/device-words.js";
import type { Device } from "../src/server/devices.js";

const plain = (text: string) => text.replaceAll("\u00a0", " ");

const device = (name: string, more: Partial<Device> = {}): Device => ({
  device: name,
  label: "",
  group: "",
  note: "",
  segments: 0,
  firstUs: null,
  lastUs: null,
  localBytes: 0,
  remoteBytes: 0,
  format: null,
  source: null,
  token: null,
  retention: { keep: false, maxAgeDays: null, maxGb: null },
  ...more,
});

it("tells format and retention", () => {
  const format = { sampleRate: 16_000, channels: 1, bitsPerSample: 16 };
  expect(plain(formatWords({ format, source: "tcp" }))).toBe("16 kHz mono, 16 bit, tcp");
  expect(plain(formatWords({ format: { ...format, channels: 4 }, source: null }))).toBe(
    "16 kHz 4 channels, 16 bit",
  );
  expect(formatWords({ format: null, source: null })).toBe("–");
  expect(retentionWords({ keep: true, maxAgeDays: 3, maxGb: 1 })).toBe("for ever");
  expect(plain(retentionWords({ keep: false, maxAgeDays: 90, maxGb: 2.5 }))).toBe(
    "for 90 days, up to 2.5 GB",
  );
  expect(retentionWords({ keep: false, maxAgeDays: null, maxGb: null })).toBe("while there is room");
});

it("finds devices, by group and name", () => {
  const devices = [
    device("mic-10", { group: "house" }),
    device("mic-9", { group: "house", token: "porch" }),
    device("zoo", { label: "Attic" }),
    device("barn", { group: "farm" }),
  ];
  const names = (text: string) => findDevices(devices, text).map((found) => found.device);
  expect(names("")).toEqual(["barn", "mic-9", "mic-10", "zoo"]);
  expect(names("house PORCH")).toEqual(["mic-9"]);
  expect(names("attic")).toEqual(["zoo"]);
});

it("adds gaps up by their cause", () => {
  const gaps = [
    { cause: "lost-frames", gaps: 3, lengthUs: 60_000 },
    { cause: "disk-full", gaps: 1, lengthUs: 9_000_000 },
    { cause: "lost-frames", gaps: 1, lengthUs: 20_000 },
  ];
  expect(gapsByCause(gaps)).toEqual([
    { cause: "disk-full", gaps: 1, lengthUs: 9_000_000 },
    { cause: "lost-frames", gaps: 4, lengthUs: 80_000 },
  ]);
});

describe("time", () => {
  it("has the months of days", () => {
    expect(monthsOf(["2026-10-31", "2026-11-01", "2026-11-02"])).toEqual(["2026-10", "2026-11"]);
  });

  it("has the piece of a range that a stretch lies in", () => {
    expect(pieceOf(150, 175, 100, 200)).toEqual({ from: 0.5, to: 0.75 });
    expect(pieceOf(50, 250, 100, 200)).toEqual({ from: 0, to: 1 });
    expect(pieceOf(50, 99, 100, 200)).toBeUndefined();
    expect(pieceOf(201, 300, 100, 200)).toBeUndefined();
  });
});

it("knows which connections last", () => {
  const [latest, closed, unseen] = [
    { streamId: 1, closedUs: null },
    { streamId: 2, closedUs: 5 },
    { streamId: 1, closedUs: null },
  ];
  const open = openOf([latest, closed, unseen], [{ streamId: 1 }, { streamId: 2 }, { streamId: 3 }]);
  expect([...open]).toEqual([latest]);
  expect(open.has(unseen)).toBe(false);
});
