import { describe, expect, it } from "vitest";
import { LevelStore, NOTHING } from "../../src/pages/day/levels/level-store.js";
import { joined, writeSecond } from "../../src/pages/day/levels/live-levels.js";
import { wantedFor } from "../../src/pages/day/levels/wanted.js";

const SECOND = 1_000_000;
const HOUR = 3600 * SECOND;
const DAY = { fromUs: 0, toUs: 24 * HOUR };
const TILING = { day: DAY, points: 1024 };

const empty = () => new Uint8Array(TILING.points).fill(NOTHING);

describe("a second that was just recorded", () => {
  it("is written at every zoom that is kept, and nowhere else", () => {
    const store = new LevelStore(4, TILING.points);
    const whole = store.put(0, 0, 0, empty(), empty());
    const near = store.put(0, 9, 256, empty(), empty()); // the 169 s from 12:00 on
    const touched: number[] = [];
    const second = { peakDbfs: -20, rmsDbfs: -40, endUs: 12 * HOUR + 2 * SECOND };
    writeSecond(TILING, store, 0, second, (row) => touched.push(row));
    expect(store.rmsAt(whole, 512)).toBe(160);
    expect(store.peakAt(whole, 512)).toBe(200);
    const written = [...store.rms(near)].flatMap((level, point) => (level === NOTHING ? [] : [point]));
    expect(written[0]).toBe(6); // 1 s of 0.165 s each
    expect(written.at(-1)).toBe(12);
    expect(new Set(touched)).toEqual(new Set([whole, near]));
  });

  it("of another day, or of a device that is not kept, changes nothing", () => {
    const store = new LevelStore(1, TILING.points);
    store.put(0, 0, 0, empty(), empty());
    const touched: number[] = [];
    const second = { peakDbfs: -20, rmsDbfs: -40, endUs: 25 * HOUR };
    writeSecond(TILING, store, 0, second, (row) => touched.push(row));
    writeSecond(TILING, store, 7, { ...second, endUs: HOUR }, (row) => touched.push(row));
    expect(touched).toEqual([]);
  });

  it("is joined with those before by mean power", () => {
    expect(joined(NOTHING, 160, 30)).toBe(160);
    expect(joined(160, 160, 30)).toBe(160);
    expect(joined(0, 160, 1)).toBe(154); // half of the power: 3 dB
    expect(joined(160, 0, 99)).toBe(160);
    expect(joined(200, 160, 0.2)).toBe(160);
  });
});

describe("what is asked for", () => {
  it("is what the view shows of those that have it not, then the whole day, then nothing", () => {
    const store = new LevelStore(32, TILING.points);
    const view = { fromUs: 6 * HOUR, toUs: 7 * HOUR };
    store.put(0, 4, 4, empty(), empty());
    const first = wantedFor(TILING, store, view, [0, 1, 2]);
    expect(first).toEqual({ zoom: 4, first: 4, last: 4, devices: [1, 2] });
    for (const device of [1, 2]) store.put(device, 4, 4, empty(), empty());
    expect(wantedFor(TILING, store, view, [0, 1, 2])).toEqual({
      zoom: 0,
      first: 0,
      last: 0,
      devices: [0, 1, 2],
    });
    for (const device of [0, 1, 2]) store.put(device, 0, 0, empty(), empty());
    expect(wantedFor(TILING, store, view, [0, 1, 2])).toBeUndefined();
    store.expire();
    expect(wantedFor(TILING, store, view, [0])).toMatchObject({ zoom: 4, devices: [0] });
  });
});
