import { describe, expect, it } from "vitest";
import {
  countStates,
  type DeviceNow,
  filterRows,
  groupRows,
  keepSame,
  type Row,
  rowOf,
  sortRows,
} from "../src/pages/now/rows.js";

const stream = (key: number, more: Partial<DeviceNow["streams"][number]> = {}) => ({
  key,
  device: "kitchen",
  streamId: key,
  source: "websocket" as const,
  codec: "ima-adpcm" as const,
  sampleRate: 16_000,
  channels: 1,
  bitsPerSample: 16,
  peer: "10.0.0.7:5000",
  openedUs: 0,
  endUs: 0,
  level: null,
  frames: 990,
  samples: 0,
  lostFrames: 10,
  repeatedFrames: 0,
  driftPpm: 3.2,
  ...more,
});

const device = (name: string, more: Partial<DeviceNow> = {}): DeviceNow => ({
  device: name,
  state: "recording",
  why: null,
  lastUs: 5,
  streams: [stream(1)],
  ...more,
});

const row = (name: string, more: Partial<Row> = {}): Row => ({ ...rowOf(device(name), undefined), ...more });
const namesOf = (rows: readonly Row[]) => rows.map(({ device: name }) => name);

describe("the row of a device", () => {
  it("adds its streams up", () => {
    const streams = [stream(1), stream(2, { driftPpm: -40.4, frames: 1000, lostFrames: 0 })];
    expect(rowOf(device("kitchen", { streams }), { label: "Küche", group: "house" })).toMatchObject({
      name: "Küche",
      group: "house",
      lostFrames: 10,
      lossShare: 0.005,
      driftPpm: -40,
      lastUs: null, // it goes on while it records
    });
    expect(rowOf(device("~", { streams: [], state: "offline" }), undefined)).toMatchObject({
      name: "without a name",
      lossShare: null,
      driftPpm: null,
      lastUs: 5,
    });
  });

  it("stays the same object until it shows something else", () => {
    const before = [row("a"), row("b")];
    const after = keepSame([row("b"), row("a", { state: "silent" })], before);
    expect(after[0]).toBe(before[1]);
    expect(after[1]).not.toBe(before[0]);
  });
});

describe("rows", () => {
  const rows = [
    row("mic-10"),
    row("mic-9", { state: "silent", lossShare: 0.5, lastUs: 7, group: "barn" }),
    row("attic", { state: "offline", lossShare: null, lastUs: 3, driftPpm: -90 }),
    row("door", { state: "not-recorded", lossShare: 0.1, lastUs: 9, group: "house" }),
  ];

  it("are sorted, what is wrong first, numbers as numbers", () => {
    expect(namesOf(sortRows(rows, "state"))).toEqual(["door", "mic-9", "mic-10", "attic"]);
    expect(namesOf(sortRows(rows, "name"))).toEqual(["attic", "door", "mic-9", "mic-10"]);
    expect(namesOf(sortRows(rows, "loss"))).toEqual(["mic-9", "door", "mic-10", "attic"]);
    expect(namesOf(sortRows(rows, "drift"))[0]).toBe("attic");
    expect(namesOf(sortRows(rows, "last"))).toEqual(["mic-10", "door", "mic-9", "attic"]);
  });

  it("are found by every word and by state", () => {
    expect(namesOf(filterRows(rows, "MIC 9", []))).toEqual(["mic-9"]);
    expect(namesOf(filterRows(rows, "10.0.0.7", ["offline", "silent"]))).toEqual(["mic-9", "attic"]);
    expect(filterRows(rows, "none", [])).toEqual([]);
  });

  it("are grouped, what has none last", () => {
    const titles = (key: "group" | "state") => groupRows(rows, key).map(({ title }) => title);
    expect(titles("group")).toEqual(["barn", "house", "without a group"]);
    expect(titles("state")).toEqual(["not-recorded", "silent", "recording", "offline"]);
    expect(groupRows(rows, "none")).toEqual([{ title: "", rows }]);
    expect(groupRows([], "none")).toEqual([]);
  });

  it("are counted", () => {
    expect(countStates(rows)).toEqual({ recording: 1, silent: 1, "not-recorded": 1, offline: 1 });
  });
});
