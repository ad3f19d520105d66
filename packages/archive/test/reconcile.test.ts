import { renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ScanFs, systemScanFs } from "../src/scan/scan-fs.js";
import { CataloguedFolder } from "./support/catalogued-folder.js";
import { ourWav, plainWav, START_US } from "./support/scene-of-files.js";
import { temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
describe("a catalogue and its files", () => {
  it("is filled with what is there, once", async () => {
    using scene = new CataloguedFolder(newFolder());
    scene.put("received/mic/a.wav", ourWav({ device: "mic", streamId: 7 }));
    scene.put("received/mic/a.bin", "frames");
    scene.put("received/roof/stream_1_roof_20261121_230102.wav", plainWav(16_000));
    scene.put("music/song.wav", plainWav(16_000));
    scene.put("audio/2026-11-21/2026-11-21_2300.wav", "no recording");
    expect(await scene.reconcile()).toEqual({ folders: 7, files: 5, added: 2, foreign: 1, faults: 1 });
    expect(scene.local).toEqual([
      "received/mic/a: bin wav",
      "received/roof/stream_1_roof_20261121_230102: wav",
    ]);
    expect(scene.faults).toEqual([
      { path: "audio/2026-11-21/2026-11-21_2300.wav", reason: expect.any(String) },
    ]);
    expect(scene.added.length).toBe(2);
    const { device, streamId, startUs } = scene.catalogue.segments.byStem("received/mic/a") ?? {};
    expect([device, streamId, startUs]).toEqual(["mic", 7, START_US]);
    expect(await scene.reconcile()).toEqual({ unchangedFolders: 7 });
    expect(await scene.reconcile({ all: true })).toEqual({ folders: 7, files: 5, foreign: 1, faults: 1 });
    expect(scene.added.length).toBe(2);
  });

  it("learns of files that come and go, and keeps what is known of their segments", async () => {
    using scene = new CataloguedFolder(newFolder());
    scene.put("a/1.wav");
    scene.put("a/2.wav");
    await scene.reconcile();
    const id = scene.idOf("a/1");
    const levels = { peakDbfs: -3, rmsDbfs: -9, clippedSamples: 0, flatSeconds: 0, track: new Uint8Array(3) };
    scene.catalogue.segments.setLevels(id, levels);
    scene.put("a/1.flac", "compressed");
    rmSync(join(scene.folder, "a/1.wav")); // all of its old files went, a new one came
    rmSync(join(scene.folder, "a/2.wav"));
    expect(await scene.reconcile()).toMatchObject({ changed: 1, gone: 2 });
    expect(scene.local).toEqual(["a/1: flac"]);
    expect(scene.catalogue.segments.byId(id)?.levels).toMatchObject({ peakDbfs: -3 });
  });

  it("keeps what is stored remotely when its file goes", async () => {
    using scene = new CataloguedFolder(newFolder());
    scene.put("a/1.wav");
    scene.put("a/2.wav");
    await scene.reconcile();
    scene.catalogue.segments.setRemote(scene.idOf("a/1"), "wav", 5, { bucket: "b", key: "k", verifiedUs: 1 });
    rmSync(join(scene.folder, "a/1.wav"));
    expect(await scene.reconcile()).toMatchObject({ gone: 1 });
    expect(scene.local).toEqual(["a/1: ", "a/2: wav"]);
    scene.put("a/1.wav");
    expect(await scene.reconcile()).toMatchObject({ changed: 1 });
    expect(scene.local).toEqual(["a/1: wav", "a/2: wav"]);
  });

  it("reads a file anew that has another size", async () => {
    using scene = new CataloguedFolder(newFolder());
    scene.put("a/1.wav", ourWav({ samples: 100 }));
    await scene.reconcile();
    scene.put("a/1.wav", ourWav({ samples: 300 }));
    scene.put("a/2.wav");
    expect(await scene.reconcile()).toMatchObject({ changed: 1, added: 1 });
    expect(scene.catalogue.segments.byStem("a/1")).toMatchObject({ samples: 300 });
  });

  it("forgets a folder that is gone, with those in it, and finds one that was renamed", async () => {
    using scene = new CataloguedFolder(newFolder());
    for (const path of ["top/a/x/1.wav", "top/a/2.wav", "top/b/3.wav", "top/a0.wav"]) scene.put(path);
    await scene.reconcile();
    rmSync(join(scene.folder, "top/a"), { recursive: true });
    renameSync(join(scene.folder, "top/b"), join(scene.folder, "top/c"));
    expect(await scene.reconcile()).toMatchObject({ added: 1, gone: 3 });
    expect(scene.local).toEqual(["top/a0: wav", "top/c/3: wav"]);
    expect(scene.catalogue.notes.folders()).toEqual(["", "top", "top/c"]);
  });

  it("forgets a folder that no scan has ever seen", async () => {
    using scene = new CataloguedFolder(newFolder());
    scene.put("top/a/1.wav");
    await scene.reconcile();
    const { id: _, levels, ...facts } = scene.catalogue.segments.byStem("top/a/1")!;
    scene.catalogue.segments.put({ ...facts, levels: undefined, stem: "top/b/c/2" }, [
      { form: "wav", bytes: 1 },
    ]);
    scene.put("top/now.wav");
    expect(await scene.reconcile()).toMatchObject({ gone: 1 });
    expect(scene.local).toEqual(["top/a/1: wav", "top/now: wav"]);
  });

  it("does not count as gone what came while the folder was read", async () => {
    using scene = new CataloguedFolder(newFolder());
    scene.put("a/1.wav");
    const fs: ScanFs = {
      ...systemScanFs,
      lstat: async (path) => {
        const stats = await systemScanFs.lstat(path);
        if (scene.idOf("a/0") !== undefined) return stats;
        scene.put("a/0.wav");
        const { id: _, levels, ...facts } = { ...FACTS, id: 0 };
        scene.catalogue.segments.put({ ...facts, levels: undefined, stem: "a/0" }, [
          { form: "wav", bytes: 1 },
        ]);
        return stats;
      },
    };
    expect(await scene.reconcile({ fs })).toEqual({ folders: 2, files: 1, added: 1 });
    expect(scene.local).toEqual(["a/0: wav", "a/1: wav"]);
  });

  it("can be broken off anywhere, and goes on there", async () => {
    using scene = new CataloguedFolder(newFolder());
    for (let i = 0; i < 12; i++) scene.put(`d${i % 4}/${i}.wav`);
    for (let files = 1; scene.local.length < 12; files++) {
      const abort = new AbortController();
      const fs: ScanFs = {
        ...systemScanFs,
        lstat: (path) => {
          if (--left === 0) abort.abort(new Error("enough"));
          return systemScanFs.lstat(path);
        },
      };
      let left = 4;
      await scene
        .reconcile({ fs, signal: abort.signal })
        .catch((error: Error) => expect(error.message).toBe("enough"));
      expect(files).toBeLessThan(12);
    }
    expect(scene.added.length).toBe(12);
  });

  it("agree at the end, whatever became of the files in between", async () => {
    const path = fc
      .tuple(
        fc.constantFrom("a", "a/b", "a0", "c"),
        fc.constantFrom("1", "1_2", "2", "10"),
        fc.constantFrom("wav", "bin", "flac"),
      )
      .map(([folder, name, form]) => `${folder}/${name}.${form}`);
    const step = fc.record({
      add: fc.array(path, { maxLength: 6 }),
      remove: fc.array(path, { maxLength: 6 }),
    });
    const wav = ourWav();
    const readTags = async () => ({
      samples: 1,
      sampleRate: 8000,
      channels: 1,
      bitsPerSample: 16,
      metadata: undefined,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 5 }),
        fc.integer({ min: 1, max: 3 }),
        async (steps, rangeStems) => {
          using scene = new CataloguedFolder(newFolder());
          const files = new Set<string>();
          for (const folder of ["a", "a0", "c"]) scene.put(`${folder}/kept.wav`, wav);
          for (const { add, remove } of steps) {
            for (const file of add) {
              scene.put(file, wav);
              files.add(file);
            }
            for (const file of remove) {
              rmSync(join(scene.folder, file), { force: true });
              files.delete(file);
            }
            await scene.reconcile({ readTags, rangeStems, nowNs: undefined });
            const stems = [...new Set([...files].map((file) => file.replace(/\.\w+$/, "")))];
            // Only a WAV says here that it is a recording; the others come with it
            const ours = stems.filter((stem) => files.has(`${stem}.wav`));
            const known = scene.local
              .map((line) => line.split(":")[0])
              .filter((stem) => !stem.endsWith("kept"));
            expect(known).toEqual(expect.arrayContaining(ours));
            for (const line of scene.local) {
              const [stem, forms] = line.split(": ");
              for (const form of forms.split(" "))
                expect(files.has(`${stem}.${form}`) || stem.endsWith("kept")).toBe(true);
            }
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});

const FACTS = {
  stem: "",
  source: undefined,
  device: undefined,
  streamId: 0,
  sampleRate: 8000,
  channels: 1,
  bitsPerSample: 16,
  startUs: 1,
  samples: 1,
  gaps: [],
  levels: undefined,
};

it("passes over links among recordings", async () => {
  using scene = new CataloguedFolder(newFolder());
  scene.put("a/1.wav");
  symlinkSync(join(scene.folder, "a/1.wav"), join(scene.folder, "a/2.wav"));
  symlinkSync(join(scene.folder, "a"), join(scene.folder, "b"));
  expect(await scene.reconcile()).toEqual({ folders: 2, files: 1, added: 1 });
});
