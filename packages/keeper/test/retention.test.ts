import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Catalogue, changePins } from "@audio/archive";
import { describe, expect, it } from "vitest";
import { until } from "../../receiver/test/support/waiting.js";
import type { RetentionPolicy } from "../src/retention/policy.js";
import { Retention, type RetentionStatus } from "../src/retention/retention.js";
import { newCatalogue, putSegment } from "./support/catalogue.js";
import { policyOf } from "./support/policy.js";

const DAY_US = 86_400_000_000;
const NOW_US = 1_763_769_600_000_000 + 100 * DAY_US;
const FORMS = ["wav", "bin", "flac"] as const;

/** A data directory with real files, a catalogue of them, and a retention that is stopped at the end. */
function newScene(policy: Partial<RetentionPolicy>) {
  const scene = newCatalogue();
  const { dataDir, catalogue } = scene;
  const said: string[] = [];
  const startedMs = performance.now();
  const ready = { is: true };
  const retention = new Retention({
    dataDir,
    catalogue,
    policy: policyOf(policy),
    minFreeBytes: 0,
    isReady: () => ready.is,
    tell: (level, message, fields) => said.push(`${level} ${message} ${JSON.stringify(fields)}`),
    now: () => NOW_US / 1000 + performance.now() - startedMs,
    onTrouble: (error) => said.push(`trouble ${(error as Error).message}`),
  });
  return {
    dataDir,
    catalogue,
    retention,
    said,
    ready,
    [Symbol.dispose]() {
      retention.stop();
      scene[Symbol.dispose]();
    },
  };
}

/** A segment of 10 s, with its files. */
function store(
  { dataDir, catalogue }: { readonly dataDir: string; readonly catalogue: Catalogue },
  stem: string,
  daysAgo: number,
  device = "porch",
): number {
  const id = putSegment(catalogue, 0, { stem, device, startUs: NOW_US - daysAgo * DAY_US });
  mkdirSync(dirname(join(dataDir, stem)), { recursive: true });
  for (const form of FORMS) {
    writeFileSync(join(dataDir, `${stem}.${form}`), Buffer.alloc(1000));
    catalogue.segments.addLocal(id, form, 1000);
  }
  return id;
}

const deleted = (status: RetentionStatus, segments: number) => status.deletedSegments === segments;

describe("retention", () => {
  it("deletes every form of what is too old, and the folders that become empty, but no remote copy", async () => {
    using scene = newScene({ maxAgeDays: 7 });
    const { dataDir, catalogue, retention } = scene;
    const old = store(scene, "received/porch/2025/a", 9);
    const uploaded = store(scene, "received/porch/2025/b", 8);
    catalogue.segments.setRemote(uploaded, "flac", 1000, { bucket: "b", key: "k", verifiedUs: 1 });
    store(scene, "received/porch/2026/c", 6);
    store(scene, "audio/d", 9);
    retention.start();
    await until("three are gone", () => deleted(retention.status, 3));
    expect(readdirSync(join(dataDir, "received/porch"))).toEqual(["2026"]);
    expect(readdirSync(join(dataDir, "audio"))).toEqual([]);
    expect(catalogue.segments.byId(old)).toBeUndefined();
    expect(catalogue.segments.byId(uploaded)?.forms).toMatchObject([{ form: "flac", local: false }]);
    expect(retention.status).toMatchObject({
      ...{ isLimiting: true, deletedBytes: 9000, shortages: [] },
      deletions: [{ reason: "age", segments: 3, bytes: 9000 }],
    });
    expect(existsSync(join(dataDir, "received/porch/2026/c.bin"))).toBe(true);
  });

  it("keeps to a total size while more comes in", async () => {
    using scene = newScene({ maxTotalBytes: 30_000 });
    const { catalogue, retention } = scene;
    retention.start();
    for (let i = 0; i < 40; i++) store(scene, `received/porch/${i}`, 90 - i);
    await until("it is within its limit", () => catalogue.local.usage()[0].bytes <= 30_000);
    const left = catalogue.segments.list().map(({ stem }) => stem);
    expect(left).toEqual(Array.from({ length: 10 }, (_, i) => `received/porch/${30 + i}`));
    for (let i = 40; i < 45; i++) store(scene, `received/porch/${i}`, 90 - i);
    await until("again", () => catalogue.local.usage()[0].bytes <= 30_000);
    expect(catalogue.segments.list()[0].stem).toBe("received/porch/35");
  });

  it("waits until the catalogue is complete", async () => {
    using scene = newScene({ maxAgeDays: 7 });
    scene.ready.is = false;
    store(scene, "received/porch/a", 9);
    scene.retention.start();
    await until("it has looked", () => scene.retention.status.freeBytes !== undefined);
    expect(scene.retention.status.deletedSegments).toBe(0);
    scene.ready.is = true;
    await until("it is gone", () => deleted(scene.retention.status, 1));
  });

  it("leaves what is pinned, and everything while it cannot know what that is", async () => {
    using scene = newScene({ maxAgeDays: 7 });
    const { dataDir, retention, said } = scene;
    const pin = { id: "00000001", device: "porch", note: undefined, createdUs: NOW_US };
    await changePins(dataDir, () => [{ ...pin, fromUs: NOW_US - 9 * DAY_US, toUs: NOW_US - 8 * DAY_US }]);
    writeFileSync(join(dataDir, "pins.json.saved"), readPinsText(dataDir));
    writeFileSync(join(dataDir, "pins.json"), "oops");
    for (const daysAgo of [10, 8.5, 7.5]) store(scene, `received/porch/${daysAgo}`, daysAgo);
    retention.start();
    await until("it says so", () => said.some((line) => /pin file .* it is no JSON/.test(line)));
    expect(retention.status.deletedSegments).toBe(0);
    rmSync(join(dataDir, "pins.json"));
    writeFileSync(join(dataDir, "pins.json"), readPinsText(dataDir, ".saved"));
    await until("the others are gone", () => deleted(retention.status, 2));
    expect(existsSync(join(dataDir, "received/porch/8.5.wav"))).toBe(true);
  });

  it("says once what cannot be deleted, and goes on with the others", async () => {
    using scene = newScene({ maxAgeDays: 7 });
    const { dataDir, retention, said, catalogue } = scene;
    for (let i = 0; i < 3; i++) {
      store(scene, `received/porch/stuck${i}`, 20 + i);
      rmSync(join(dataDir, `received/porch/stuck${i}.wav`));
      mkdirSync(join(dataDir, `received/porch/stuck${i}.wav`)); // what no unlink removes, whoever asks
    }
    for (let i = 0; i < 500; i++) store(scene, `received/porch/${i}`, 10);
    retention.start();
    await until("all others are gone", () => deleted(retention.status, 500));
    expect(said.filter((line) => line.includes("cannot be deleted"))).toHaveLength(1);
    expect(catalogue.segments.list()).toHaveLength(3);
  });

  it("takes nothing for gone where a disk may not be mounted", async () => {
    using scene = newScene({ maxAgeDays: 7 });
    const { dataDir, retention, catalogue, said } = scene;
    store(scene, "received/porch/a", 9);
    store(scene, "audio/b", 9);
    store(scene, "audio/c", 9);
    rmSync(join(dataDir, "received"), { recursive: true });
    for (const form of FORMS) rmSync(join(dataDir, `audio/b.${form}`));
    retention.start();
    await until("it says so", () => said.some((line) => line.includes("cannot be deleted")));
    await until("what is gone is forgotten", () => catalogue.segments.list().length === 1);
    expect(catalogue.segments.list()[0].stem).toBe("received/porch/a");
  });

  it("waits for the frames as received, when they are to be uploaded too", async () => {
    using scene = newScene({ maxTotalBytes: 1000, onlyUploaded: true, isBinUploaded: true });
    const { retention, catalogue } = scene;
    const [waits, goes] = [store(scene, "received/porch/a", 9), store(scene, "received/porch/b", 8)];
    const copy = { bucket: "b", key: "k", verifiedUs: 1 };
    for (const id of [waits, goes]) catalogue.segments.setRemote(id, "wav", 1000, copy);
    catalogue.segments.setRemote(goes, "bin", 1000, copy);
    retention.start();
    await until("one is gone", () => deleted(retention.status, 1));
    expect(catalogue.segments.byId(waits)?.forms.every(({ local }) => local)).toBe(true);
    catalogue.segments.setRemote(waits, "bin", 1000, copy);
    await until("both are gone", () => deleted(retention.status, 2));
  });

  it("says what keeps a limit from being held, once, and deletes it as soon as it is uploaded", async () => {
    using scene = newScene({ maxTotalBytes: 1000, onlyUploaded: true });
    const { retention, said, catalogue } = scene;
    const id = store(scene, "received/porch/a", 9);
    retention.start();
    await until("it says so", () => said.length > 0);
    expect(said).toEqual([
      `warn the recordings take more than maxTotalGb allows: what is left is not uploaded yet {"bytes":2000}`,
    ]);
    expect(retention.status.shortages).toMatchObject([{ reason: "total-size", waitsForUpload: true }]);
    catalogue.segments.setRemote(id, "flac", 1000, { bucket: "b", key: "k", verifiedUs: 1 });
    await until("it is gone", () => deleted(retention.status, 1));
  });
});

function readPinsText(dataDir: string, suffix = ""): string {
  return readFileSync(join(dataDir, `pins.json${suffix}`), "utf8");
}
