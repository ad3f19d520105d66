import type { Catalogue, Pin } from "@audio/archive";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planRemovals, type Removal, type Shortage } from "../src/retention/plan.js";
import { ageLimitUs, deviceRetention, isLimiting, type RetentionPolicy } from "../src/retention/policy.js";
import { newCatalogue, putSegment } from "./support/catalogue.js";
import { policyOf } from "./support/policy.js";

const DAY_US = 86_400_000_000;
const NOW_US = 1_763_769_600_000_000 + 100 * DAY_US;
const RATE = 16_000;

interface Stored {
  readonly device: string | undefined;
  /** Before now. */
  readonly daysAgo: number;
  readonly seconds: number;
  readonly bytes: number;
  readonly isSaved: boolean;
}

const DEVICES = ["porch", "cellar", "roof", undefined] as const;
const stored = fc.record({
  device: fc.constantFrom(...DEVICES),
  daysAgo: fc.integer({ min: 1, max: 400 }).map((n) => n / 10),
  seconds: fc.integer({ min: 1, max: 20_000 }),
  bytes: fc.integer({ min: 44, max: 1000 }),
  isSaved: fc.boolean(),
});
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const days = fc.integer({ min: 1, max: 400 }).map((n) => n / 10);
const bytes = fc.integer({ min: 0, max: 20_000 });
const ofDevice = fc.record({
  keep: optional(fc.boolean()),
  maxAgeDays: optional(days),
  maxBytes: optional(bytes),
});
const policies: fc.Arbitrary<RetentionPolicy> = fc.record({
  maxAgeDays: optional(days),
  maxTotalBytes: optional(bytes),
  keepFreeBytes: optional(bytes),
  onlyUploaded: fc.boolean(),
  isBinUploaded: fc.boolean(),
  deleteUnuploadedWhenFull: fc.boolean(),
  devices: fc.dictionary(fc.constantFrom("porch", "cellar"), ofDevice),
});
const pins = fc.array(
  fc.record({ device: fc.constantFrom("porch", "cellar", "roof"), daysAgo: days, days }),
  { maxLength: 4 },
);

function fill(catalogue: Catalogue, all: readonly Stored[]): void {
  for (const [i, { device, daysAgo, seconds, bytes: size, isSaved }] of all.entries()) {
    const startUs = Math.round(NOW_US - daysAgo * DAY_US);
    const id = putSegment(catalogue, i, { device, startUs, sampleRate: RATE, samples: seconds * RATE });
    catalogue.segments.addLocal(id, "wav", size);
    if (isSaved) catalogue.segments.setRemote(id, "wav", size, { bucket: "b", key: `${i}`, verifiedUs: 1 });
  }
}

function pinOf({ device, daysAgo, days: length }: { device: string; daysAgo: number; days: number }): Pin {
  const fromUs = Math.round(NOW_US - daysAgo * DAY_US);
  const toUs = Math.round(fromUs + length * DAY_US);
  return { id: "00000000", device, fromUs, toUs, note: undefined, createdUs: 0 };
}

function plan(catalogue: Catalogue, policy: RetentionPolicy, pinned: readonly Pin[], freeBytes: number) {
  const { local } = catalogue;
  const removals: Removal[] = [];
  const steps = planRemovals({ policy, local, pins: pinned, nowUs: NOW_US, freeBytes });
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return { removals, shortages: value as Shortage[] };
    removals.push(value as Removal);
  }
}

const sizeOf = (all: readonly { readonly bytes: number }[]) =>
  all.reduce((sum, { bytes: size }) => sum + size, 0);

describe("a plan of retention", () => {
  it("takes nothing that is pinned, kept or not uploaded, no more than needed, and holds every limit it can", () => {
    fc.assert(
      fc.property(
        fc.array(stored, { maxLength: 40 }),
        policies,
        pins,
        fc.integer({ min: 0, max: 20_000 }),
        (all, policy, pinList, freeBytes) => {
          using scene = newCatalogue();
          const { catalogue } = scene;
          catalogue.transaction(() => fill(catalogue, all));
          const pinned = pinList.map(pinOf);
          const before = catalogue.local.usage();
          const { removals, shortages } = plan(catalogue, policy, pinned, freeBytes);
          const taken = removals.map(({ segment }) => segment);
          expect(new Set(taken.map(({ id }) => id)).size).toBe(taken.length);
          for (const { segment, reason } of removals) {
            const { device, startUs, endUs, isSaved } = segment;
            expect(deviceRetention(policy, device).keep).not.toBe(true);
            for (const pin of pinned)
              expect(pin.device === device && startUs < pin.toUs && endUs > pin.fromUs).toBe(false);
            const mayBeUnsaved =
              !policy.onlyUploaded || (reason === "free-space" && policy.deleteUnuploadedWhenFull);
            expect(isSaved || mayBeUnsaved).toBe(true);
            if (reason === "age") expect(endUs).toBeLessThan(ageLimitUs(policy, device, NOW_US)!);
          }
          expectNoMore(policy, removals, sizeOf(before), freeBytes);
          expectHeld(policy, shortages, before, taken, freeBytes);
        },
      ),
      { numRuns: 80 },
    );
  });

  function expectNoMore(policy: RetentionPolicy, removals: readonly Removal[], total: number, free: number) {
    let gone = 0;
    for (const { segment, reason } of removals) {
      if (reason === "total-size") expect(total - gone).toBeGreaterThan(policy.maxTotalBytes!);
      if (reason === "free-space") expect(free + gone).toBeLessThan(policy.keepFreeBytes!);
      gone += segment.bytes;
    }
  }

  function expectHeld(
    policy: RetentionPolicy,
    shortages: readonly Shortage[],
    before: readonly { readonly device: string | undefined; readonly bytes: number }[],
    taken: readonly { readonly device: string | undefined; readonly bytes: number }[],
    free: number,
  ) {
    const short = (reason: string, device?: string) =>
      shortages.find((shortage) => shortage.reason === reason && shortage.device === device)?.bytes ?? 0;
    const total = sizeOf(before) - sizeOf(taken);
    if (policy.maxTotalBytes !== undefined)
      expect(total - short("total-size")).toBeLessThanOrEqual(policy.maxTotalBytes);
    if (policy.keepFreeBytes !== undefined)
      expect(free + sizeOf(taken) + short("free-space")).toBeGreaterThanOrEqual(policy.keepFreeBytes);
    for (const { device, bytes: size } of before) {
      const { maxBytes, keep } = deviceRetention(policy, device);
      if (maxBytes === undefined || keep === true) continue;
      const left = size - sizeOf(taken.filter((segment) => segment.device === device));
      expect(left - short("device-size", device)).toBeLessThanOrEqual(maxBytes);
    }
  }

  it("goes from the oldest on, what is uploaded first", () => {
    using scene = newCatalogue();
    const segment = { device: "porch", seconds: 10, bytes: 100 };
    const all = [5, 3, 8, 1].map((daysAgo) => ({ ...segment, daysAgo, isSaved: daysAgo < 4 }));
    fill(scene.catalogue, [...all, { ...segment, device: "roof", daysAgo: 6, isSaved: false }]);
    const { removals } = plan(scene.catalogue, policyOf({ keepFreeBytes: 1e9 }), [], 0);
    const ages = removals.map((removal) => (NOW_US - removal.segment.startUs) / DAY_US);
    expect(ages).toEqual([3, 1, 8, 6, 5]);
  });

  it("counts every form of a segment, and its device's own limits instead of the overall ones", () => {
    using scene = newCatalogue();
    const { catalogue } = scene;
    const segment = { seconds: 10, bytes: 100, isSaved: false };
    const of = (device: string) => [9, 6, 2].map((daysAgo) => ({ ...segment, device, daysAgo }));
    fill(catalogue, [...of("porch"), ...of("cellar"), ...of("roof")]);
    catalogue.segments.addLocal(1, "bin", 50);
    const devices = { porch: { maxBytes: 200 }, cellar: { keep: true }, roof: { maxAgeDays: 1 } };
    const { removals } = plan(catalogue, policyOf({ maxAgeDays: 7, devices }), [], 0);
    const shown = removals.map(({ segment: { id, device, bytes: size }, reason }) => [
      id,
      device,
      size,
      reason,
    ]);
    expect(shown).toEqual([
      [1, "porch", 150, "age"],
      [7, "roof", 100, "age"],
      [8, "roof", 100, "age"],
      [9, "roof", 100, "age"],
    ]);
    catalogue.segments.removeLocal(1, "bin");
    const small = policyOf({ devices: { porch: { maxBytes: 150 } } });
    expect(plan(catalogue, small, [], 0).removals.map((removal) => removal.segment.id)).toEqual([1, 2]);
  });

  it("says what cannot be held, and whether an upload would help", () => {
    using scene = newCatalogue();
    const { catalogue } = scene;
    fill(catalogue, [{ device: "porch", daysAgo: 9, seconds: 10, bytes: 100, isSaved: false }]);
    const policy = policyOf({ maxAgeDays: 1, keepFreeBytes: 500, maxTotalBytes: 30, onlyUploaded: true });
    expect(plan(catalogue, policy, [], 100)).toEqual({
      removals: [],
      shortages: [
        { reason: "total-size", bytes: 70, waitsForUpload: true },
        { reason: "free-space", bytes: 400, waitsForUpload: true },
      ],
    });
    const forced = plan(catalogue, { ...policy, deleteUnuploadedWhenFull: true }, [], 100);
    expect(forced.removals).toMatchObject([{ reason: "free-space" }]);
    expect(forced.shortages).toMatchObject([
      { reason: "total-size" },
      { reason: "free-space", bytes: 300, waitsForUpload: false },
    ]);
  });

  it("deletes nothing of an empty catalogue, and nothing without a limit", () => {
    using scene = newCatalogue();
    const { catalogue } = scene;
    expect(plan(catalogue, policyOf({ maxAgeDays: 0.1 }), [], 0).removals).toEqual([]);
    fill(catalogue, [{ device: "porch", daysAgo: 400, seconds: 10, bytes: 100, isSaved: true }]);
    expect(plan(catalogue, policyOf(), [], 0)).toEqual({ removals: [], shortages: [] });
    expect(isLimiting(policyOf({ devices: { porch: { keep: true } } }))).toBe(false);
    expect(isLimiting(policyOf({ devices: { porch: { maxBytes: 1 } } }))).toBe(true);
  });
});
