import { TimeZone } from "@audio/segments";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DayState, readAddress, writeAddress } from "../../src/pages/day/time/address.js";
import { dayOf } from "../../src/pages/day/time/local-day.js";
import {
  centred,
  moved,
  SHORTEST_US,
  type Span,
  showing,
  timeAt,
  within,
  xOf,
  zoomed,
} from "../../src/pages/day/time/view.js";

const VIENNA = new TimeZone("Europe/Vienna");
const DAY = dayOf(VIENNA, "2026-11-17");
const LENGTH = DAY.toUs - DAY.fromUs;

const anyView = fc
  .tuple(fc.integer({ min: 0, max: LENGTH }), fc.integer({ min: SHORTEST_US, max: LENGTH }))
  .map(([from, length]) => within({ fromUs: DAY.fromUs + from, toUs: DAY.fromUs + from + length }, DAY));

const isInDay = ({ fromUs, toUs }: Span) => fromUs >= DAY.fromUs && toUs <= DAY.toUs && fromUs < toUs;

describe("a view", () => {
  it("has a place for each time, and a time for each place", () => {
    fc.assert(
      fc.property(anyView, fc.double({ min: 0, max: 1400, noNaN: true }), (view, x) => {
        expect(xOf(view, 1400, timeAt(view, 1400, x))).toBeCloseTo(x, 3);
      }),
    );
    expect(xOf(DAY, 1440, DAY.fromUs + 3_600_000_000)).toBe(60);
  });

  it("zooms around a time, which stays where it is while the day allows it", () => {
    const view = { fromUs: DAY.fromUs + 0.4 * LENGTH, toUs: DAY.fromUs + 0.6 * LENGTH };
    const atUs = DAY.fromUs + 0.45 * LENGTH;
    const nearer = zoomed(view, 0.5, atUs, DAY);
    expect(xOf(nearer, 1000, atUs)).toBeCloseTo(xOf(view, 1000, atUs), 3);
    expect(nearer.toUs - nearer.fromUs).toBe(LENGTH / 10);
  });

  it("never leaves the day, nor shows less than a second, whatever is done", () => {
    const factor = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
    const by = fc.integer({ min: -2 * LENGTH, max: 2 * LENGTH });
    fc.assert(
      fc.property(anyView, factor, by, (view, times, byUs) => {
        const at = view.fromUs + byUs;
        for (const next of [zoomed(view, times, at, DAY), moved(view, byUs, DAY), centred(at, 60e6, DAY)]) {
          expect(isInDay(next)).toBe(true);
          expect(next.toUs - next.fromUs).toBeGreaterThanOrEqual(SHORTEST_US);
        }
        const still = moved(view, byUs, DAY);
        expect(still.toUs - still.fromUs).toBe(view.toUs - view.fromUs);
      }),
    );
  });

  it("follows a time that leaves it", () => {
    const view = { fromUs: DAY.fromUs, toUs: DAY.fromUs + 60_000_000 };
    expect(showing(view, DAY.fromUs + 1, DAY)).toBe(view);
    const next = showing(view, view.toUs, DAY);
    expect(next.fromUs <= view.toUs && next.toUs > view.toUs).toBe(true);
  });
});

describe("the address of a day", () => {
  const device = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/).filter((name) => name !== "");
  const devices = fc.uniqueArray(fc.oneof(device, fc.constant("~")), { maxLength: 8 });
  const zone = fc.constantFrom("UTC", "Europe/Vienna", "America/St_Johns", "Australia/Lord_Howe");
  const date = fc.constantFrom("2026-11-17", "2026-03-29", "2026-10-25", "2026-04-05", "2026-11-01");
  const share = fc.double({ min: 0, max: 1, noNaN: true });

  it("says all of a state: reading it gives the same, to the millisecond", () => {
    fc.assert(
      fc.property(
        zone,
        date,
        devices,
        devices,
        fc.tuple(share, share, share, fc.boolean()),
        (name, on, shown, heard, parts) => {
          const place = new TimeZone(name);
          const day = dayOf(place, on);
          const at = (part: number) =>
            day.fromUs + Math.floor(((day.toUs - day.fromUs - 2e6) * part) / 1000) * 1000;
          const view = {
            fromUs: at(Math.min(parts[0], parts[1])),
            toUs: at(Math.max(parts[0], parts[1])) + 2e6,
          };
          const state: DayState = {
            devices: shown,
            together: heard,
            lane: shown[0],
            view: parts[3] && view.toUs < day.toUs ? view : undefined,
            atUs: at(parts[2]),
            selection: parts[3] ? { device: "yard", ...view } : undefined,
          };
          const url = new URL(writeAddress(place, on, state), "http://x/");
          expect(readAddress(place, on, url.searchParams)).toEqual(state);
        },
      ),
    );
  });

  it("is short and readable", () => {
    const fromUs = DAY.fromUs + 3 * 3_600_000_000;
    const state = {
      devices: ["yard"],
      together: [],
      lane: undefined,
      view: { fromUs, toUs: fromUs + 60e6 },
      atUs: undefined,
      selection: undefined,
    };
    const text = writeAddress(VIENNA, "2026-11-17", state);
    expect(text).toBe("/date/2026-11-17?device=yard&from=03:00:00.000&to=03:01:00.000");
    expect(writeAddress(VIENNA, "2026-11-17", { ...state, devices: [], view: undefined })).toBe(
      "/date/2026-11-17",
    );
  });

  it("leaves out what is no state", () => {
    const hostile = new URLSearchParams(
      "device=../x&device=yard&device=yard&from=x&to=99:99&at=27:00&select=a,b,c",
    );
    expect(readAddress(VIENNA, "2026-11-17", hostile)).toEqual({
      devices: ["yard"],
      together: [],
      lane: undefined,
      view: undefined,
      atUs: undefined,
      selection: undefined,
    });
  });

  it("of a moment alone shows an hour around it", () => {
    const { view, atUs } = readAddress(VIENNA, "2026-11-17", new URLSearchParams("at=03:17"));
    expect(view!.toUs - view!.fromUs).toBe(3_600_000_000);
    expect(atUs! - view!.fromUs).toBe(1_800_000_000);
  });
});
