import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Catalogue, changePins, reconcile } from "@audio/archive";
import { DEFAULT_TEMPLATES } from "@audio/segments";
import { describe, expect, it } from "vitest";
import { resumeDeletion } from "../src/deletion/carry-out.js";
import { Deletions, type LossAnswer } from "../src/deletion/deletions.js";
import { factsContext } from "../src/found.js";
import type { KeeperSettings } from "../src/index.js";
import type { RetentionPolicy } from "../src/retention/policy.js";
import { newCatalogue, putSegment } from "./support/catalogue.js";
import { policyOf } from "./support/policy.js";

const START_US = 1_763_769_600_000_000;
const SECOND = 1_000_000;
const FORMS = ["wav", "bin", "flac"] as const;

/** A data directory with a catalogue, and somebody who deletes in it. */
function newScene(policy: Partial<RetentionPolicy> = {}) {
  const scene = newCatalogue();
  const { dataDir, catalogue } = scene;
  const said: string[] = [];
  const state = { isReady: true, busy: [] as number[], bytes: 0 };
  const settings = { dataDir, upload: undefined } as KeeperSettings;
  const context = {
    settings,
    catalogue,
    tell: (_: string, message: string) => said.push(message),
    now: () => Date.now(),
  };
  const pipeline = {
    isWorkingOn: (id: number) => state.busy.includes(id),
    wake: () => undefined,
    runners: new Map(),
  };
  const deletions = new Deletions({
    ...context,
    policy: policyOf(policy),
    isReady: () => state.isReady,
    pipeline,
    copies: undefined,
    onDeleted: ({ bytes }) => {
      state.bytes += bytes;
    },
  });
  return { ...scene, context, deletions, said, state };
}

/** Segments of 10 s, one after the other, with their files. */
function store(
  { dataDir, catalogue }: { readonly dataDir: string; readonly catalogue: Catalogue },
  count: number,
  device = "porch",
): number[] {
  return Array.from({ length: count }, (_, n) => {
    const stem = `received/${device}/stream_7_${device}_${n}`;
    const id = putSegment(catalogue, n, { stem, device });
    mkdirSync(dirname(join(dataDir, stem)), { recursive: true });
    for (const form of FORMS) {
      writeFileSync(join(dataDir, `${stem}.${form}`), Buffer.alloc(1000));
      catalogue.segments.addLocal(id, form, 1000);
    }
    return id;
  });
}

/** From and to in seconds from the first segment's start. */
const range = (from: number, to: number, device: string | undefined = "porch") => ({
  device,
  fromUs: START_US + from * SECOND,
  toUs: START_US + to * SECOND,
});
const lossOf = (answer: LossAnswer) => {
  if (answer.kind !== "loss") throw new Error(JSON.stringify(answer));
  return answer.loss;
};
const files = (dataDir: string, device = "porch") => readdirSync(join(dataDir, "received", device)).sort();

describe("deleting by hand", () => {
  it("takes whole segments that it touches, as it was told before, with their jobs and sounds", async () => {
    using scene = newScene();
    const { dataDir, catalogue, deletions, said, state } = scene;
    const ids = store(scene, 5);
    catalogue.jobs.addFor(ids[1], "compress", 1, 1);
    const sound = { device: "porch", streamId: 7, peakDbfs: -3, backgroundDbfs: -60, score: 57 };
    for (const second of [5, 15])
      catalogue.sounds.put({
        ...sound,
        ...{ startUs: START_US + second * SECOND, endUs: START_US + 16 * SECOND },
      });
    const asked = range(15, 30.5);
    const loss = lossOf(await deletions.loss(asked));
    expect(loss).toEqual({
      fromUs: START_US + 10 * SECOND,
      toUs: START_US + 40 * SECOND,
      segments: 3,
      recordedUs: 30 * SECOND,
      localBytes: 9000,
      remoteCopies: 0,
      keptSegments: 0,
      kept: [],
    });
    expect(files(dataDir)).toHaveLength(15);
    expect(await deletions.remove({ ...asked, segments: 2, by: "ann" })).toEqual({ kind: "more", loss });
    expect(files(dataDir)).toHaveLength(15);
    expect(await deletions.remove({ ...asked, segments: 3, by: "ann" })).toEqual({ kind: "loss", loss });
    expect(files(dataDir).map((name) => name.replace(/^.*_/, ""))).toEqual([
      ...["0.bin", "0.flac", "0.wav", "4.bin", "4.flac", "4.wav"],
    ]);
    expect([...catalogue.segments.each()].map(({ id }) => id)).toEqual([ids[0], ids[4]]);
    expect(catalogue.jobs.lengths()).toEqual([]);
    expect(catalogue.sounds.list().map(({ startUs }) => startUs)).toEqual([START_US + 5 * SECOND]);
    expect([said, state.bytes]).toEqual([["recordings deleted by ann"], 9000]);
    expect(lossOf(await deletions.remove({ ...asked, segments: 3, by: "ann" }))).toMatchObject({
      segments: 0,
    });
  });

  it("leaves what is pinned, kept or worked on, and says so", async () => {
    using scene = newScene({ devices: { court: { keep: true } } });
    const { dataDir, deletions, state } = scene;
    const [, busy] = store(scene, 4);
    store(scene, 1, "court");
    state.busy = [busy];
    const pin = { id: "0123abcd", ...range(35, 36), device: "porch", note: undefined, createdUs: 0 };
    await changePins(dataDir, () => [pin]);
    const later = setTimeout(() => {
      state.busy = [];
    }, 200);
    const answer = await deletions.remove({ ...range(0, 40), segments: 3, by: "ann" });
    clearTimeout(later);
    expect(lossOf(answer)).toMatchObject({
      segments: 3,
      keptSegments: 1,
      kept: [{ stem: "received/porch/stream_7_porch_3", why: "it is pinned (0123abcd)" }],
    });
    const court = await deletions.remove({ ...range(0, 40, "court"), segments: 9, by: "ann" });
    expect(lossOf(court)).toMatchObject({
      segments: 0,
      kept: [{ why: "the settings keep everything of this device" }],
    });
    expect([files(dataDir), files(dataDir, "court")].map(({ length }) => length)).toEqual([3, 3]);
  });

  it("deletes nothing while it cannot know what is pinned, or what there is", async () => {
    using scene = newScene();
    const { dataDir, deletions, state } = scene;
    store(scene, 1);
    writeFileSync(join(dataDir, "pins.json"), "{");
    const request = { ...range(0, 40), segments: 9, by: "ann" };
    expect(await deletions.remove(request)).toMatchObject({
      kind: "refused",
      message: expect.stringContaining("pins.json cannot be used"),
    });
    state.isReady = false;
    expect(await deletions.loss(request)).toMatchObject({
      kind: "refused",
      message: expect.stringContaining("are being compared"),
    });
    expect(files(dataDir)).toHaveLength(3);
  });

  it("says which file cannot be deleted, and keeps its segment", async () => {
    using scene = newScene();
    const { dataDir, catalogue, deletions } = scene;
    const [id] = store(scene, 2);
    const stem = join(dataDir, "received/porch/stream_7_porch_0");
    rmSync(`${stem}.wav`);
    mkdirSync(`${stem}.wav`);
    const loss = lossOf(await deletions.remove({ ...range(0, 40), segments: 2, by: "ann" }));
    expect(loss).toMatchObject({
      segments: 1,
      kept: [{ why: expect.stringContaining(`${stem}.wav cannot be deleted`) }],
    });
    expect(catalogue.segments.byId(id)?.forms.map(({ form }) => form)).toEqual(["wav"]);
    expect(existsSync(`${stem}.bin`)).toBe(false);
  });

  it("goes on after a crash between any two files, also when they were the last", async () => {
    for (const survivors of [FORMS, ["flac", "wav"], ["wav"], []] as const) {
      using scene = newScene();
      const { dataDir, catalogue, context } = scene;
      const [id] = store(scene, 1);
      catalogue.notes.setMark("deleting", JSON.stringify([id, 99]));
      for (const name of files(dataDir))
        if (!survivors.some((form) => name.endsWith(form))) rmSync(join(dataDir, "received/porch", name));
      resumeDeletion(context);
      expect([...catalogue.segments.each()]).toEqual([]);
      expect(existsSync(join(dataDir, "received/porch"))).toBe(false);
      resumeDeletion(context);
      const sums = await reconcile(catalogue, dataDir, {
        ...factsContext({ ...context.settings, timezone: "UTC", paths: DEFAULT_TEMPLATES }),
      });
      expect(sums).toMatchObject({ files: 0, added: 0, gone: 0 });
    }
  });
});
