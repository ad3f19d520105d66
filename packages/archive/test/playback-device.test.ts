import { afterAll, beforeAll, expect, it } from "vitest";
import { type Catalogue, openCatalogue } from "../src/catalogue/catalogue.js";
import { planRange } from "../src/playback/plan.js";
import { planDevice } from "../src/playback/plan-device.js";
import { EVENING, runsOf, SECOND, segment } from "./support/segments.js";
import { temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
let catalogue: Catalogue;
const PER_HOUR = 360;

beforeAll(() => {
  catalogue = openCatalogue(newFolder());
  catalogue.transaction(() => {
    for (let i = 0; i < 10 * PER_HOUR; i++) {
      const facts = segment({ stem: `s${i}`, startUs: EVENING + i * 10 * SECOND - (i % 3) * 100_000 });
      catalogue.segments.put({ ...facts, levels: undefined }, [{ form: "wav", bytes: 160_044 }]);
    }
    const nameless = segment({ stem: "n", device: undefined });
    catalogue.segments.put({ ...nameless, levels: undefined }, [{ form: "bin", bytes: 1 }]);
  });
});
afterAll(() => catalogue.close());

const range = (from: number, to: number) =>
  ({ fromUs: EVENING + from * SECOND, toUs: EVENING + to * SECOND, gaps: "silence" }) as const;

it("plans from the catalogue, more segments than a page has", () => {
  const plan = planDevice(catalogue, "kitchen", range(0, 36_000));
  expect(plan?.pieces.filter(({ kind }) => kind === "audio")).toHaveLength(10 * PER_HOUR);
  expect(plan?.missing.ranges).toBeLessThanOrEqual(1); // the last segment ends a tenth early
});

it("plans as from all segments, wherever the range begins and ends", () => {
  const all = [...catalogue.segments.each({ device: "kitchen" })];
  for (const [from, to] of [
    [19.85, 20.05],
    [9.95, 10],
    [29.8, 30],
    [0, 9.9],
    [15, 100],
  ]) {
    const few = planDevice(catalogue, "kitchen", range(from, to));
    const query = range(from, to);
    expect(runsOf(few)).toEqual(runsOf(planRange(all, query)));
  }
});

it("knows devices, and senders without a name", () => {
  expect(planDevice(catalogue, "cellar", range(0, 10))).toBeUndefined();
  expect(runsOf(planDevice(catalogue, null, range(0, 10)))).toEqual([["n", 0, 80_000]]);
});
