import { TimeZone } from "@audio/segments";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LevelStore } from "../../src/pages/day/levels/level-store.js";
import {
  finestZoom,
  lastTile,
  pointAt,
  pointsOf,
  tileAt,
  tileStart,
  tileUs,
  zoomOf,
} from "../../src/pages/day/levels/tiles.js";
import { dayOf } from "../../src/pages/day/time/local-day.js";
import { SHORTEST_US, within } from "../../src/pages/day/time/view.js";

const VIENNA = new TimeZone("Europe/Vienna");
const anyDay = fc.constantFrom("2026-11-17", "2026-03-29", "2026-10-25").map((date) => dayOf(VIENNA, date));
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe("tiles", () => {
  it("have no more points than the width has pixels", () => {
    expect([390, 1200, 1299, 5760, 10].map(pointsOf)).toEqual([384, 1152, 1280, 4096, 256]);
  });

  it("cover any view with two, each point a pixel or two wide until the finest", () => {
    fc.assert(
      fc.property(anyDay, share, share, (day, at, long) => {
        const tiling = { day, points: 1152 };
        const length = SHORTEST_US + long * (day.toUs - day.fromUs - SHORTEST_US);
        const fromUs = day.fromUs + at * (day.toUs - day.fromUs);
        const view = within({ fromUs, toUs: fromUs + length }, day);
        const zoom = zoomOf(tiling, view);
        const first = tileAt(tiling, zoom, view.fromUs);
        const last = lastTile(tiling, zoom, view);
        expect(last - first).toBeLessThanOrEqual(1);
        expect(tileStart(tiling, zoom, first)).toBeLessThanOrEqual(view.fromUs + 1);
        expect(tileStart(tiling, zoom, last + 1)).toBeGreaterThanOrEqual(view.toUs - 1);
        const pointsInView = ((view.toUs - view.fromUs) / tileUs(tiling, zoom)) * tiling.points;
        if (zoom < finestZoom(tiling)) expect(pointsInView).toBeGreaterThan(tiling.points / 2 - 1);
        expect(pointsInView).toBeLessThanOrEqual(tiling.points + 1);
      }),
    );
  });

  it("go as fine as levels are known: a tenth of a second", () => {
    const tiling = { day: dayOf(VIENNA, "2026-11-17"), points: 1152 };
    const pointUs = tileUs(tiling, finestZoom(tiling)) / tiling.points;
    expect(pointUs).toBeLessThanOrEqual(100_000);
    expect(pointUs).toBeGreaterThan(50_000);
  });

  it("say in which point a time lies", () => {
    const tiling = { day: { fromUs: 0, toUs: 1024_000 }, points: 256 };
    expect([0, 3_999, 4_000, 1_023_999, 2_000_000].map((us) => pointAt(tiling, 0, us))).toEqual([
      0, 0, 1, 255, 255,
    ]);
    expect(pointAt(tiling, 1, 512_000)).toBe(0);
  });
});

describe("kept levels", () => {
  const levels = (value: number) => new Uint8Array(4).fill(value);

  it("are found again until there is no room, then what was not looked at for longest goes", () => {
    const store = new LevelStore(2, 4);
    store.put(0, 0, 0, levels(1), levels(2));
    store.put(1, 0, 0, levels(3), levels(4));
    expect(store.find(0, 0, 0)).toBeGreaterThanOrEqual(0); // looked at: device 1 is the oldest now
    store.put(2, 0, 0, levels(5), levels(6));
    expect(store.find(1, 0, 0)).toBe(-1);
    expect([...store.peaks(store.find(0, 0, 0))]).toEqual([1, 1, 1, 1]);
    expect([...store.rms(store.find(2, 0, 0))]).toEqual([6, 6, 6, 6]);
  });

  it("are each tile's own, whatever device, zoom and tile, and never more than there are rows", () => {
    const tile = fc.tuple(fc.nat(300), fc.nat(10), fc.nat(1023), fc.nat(240));
    fc.assert(
      fc.property(fc.array(tile, { maxLength: 60 }), (tiles) => {
        const store = new LevelStore(16, 4);
        for (const [device, zoom, at, value] of tiles)
          store.put(device, zoom, at, levels(value), levels(value));
        const last = new Map(tiles.map(([device, zoom, at, value]) => [`${device} ${zoom} ${at}`, value]));
        const found = [...last].filter(([key, value]) => {
          const [device, zoom, at] = key.split(" ").map(Number);
          const row = store.find(device, zoom, at);
          if (row >= 0) expect(store.peakAt(row, 3)).toBe(value);
          return row >= 0;
        });
        expect(found.length).toBe(Math.min(16, last.size));
      }),
    );
  });

  it("that may have changed are wanted, and shown until they come", () => {
    const store = new LevelStore(2, 4);
    store.put(0, 0, 0, levels(1), levels(1));
    expect(store.isWanted(0, 0, 0)).toBe(false);
    store.expire();
    expect(store.isWanted(0, 0, 0)).toBe(true);
    expect(store.find(0, 0, 0)).toBeGreaterThanOrEqual(0);
    store.put(0, 0, 0, levels(2), levels(2));
    expect(store.isWanted(0, 0, 0)).toBe(false);
  });
});
