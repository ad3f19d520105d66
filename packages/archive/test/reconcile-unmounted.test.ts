import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { reconcile } from "../src/index.js";
import { type ScanFs, systemScanFs } from "../src/scan/scan-fs.js";
import { CataloguedFolder } from "./support/catalogued-folder.js";
import { VIENNA } from "./support/scene-of-files.js";
import { temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();

describe("a disk that is not mounted", () => {
  it.each<[string, (folder: string) => void]>([
    ["a folder of recordings is gone", (folder) => rmSync(join(folder, "received"), { recursive: true })],
    [
      "a folder of recordings is empty",
      (folder) => {
        rmSync(join(folder, "received"), { recursive: true });
        mkdirSync(join(folder, "received"));
      },
    ],
    [
      "another directory stands in its place",
      (folder) => {
        rmSync(folder, { recursive: true });
        mkdirSync(folder);
      },
    ],
    [
      "a file stands in the place of a folder",
      (folder) => {
        rmSync(join(folder, "received"), { recursive: true });
        writeFileSync(join(folder, "received"), "");
      },
    ],
  ])("changes nothing: %s", async (_, unmount) => {
    using scene = new CataloguedFolder(newFolder());
    scene.put("received/mic/1.wav");
    scene.put("audio/2.wav");
    await scene.reconcile();
    unmount(scene.folder);
    for (const all of [true, false])
      await expect(scene.reconcile({ all })).rejects.toMatchObject({ code: "recordings-missing" });
    expect(scene.local).toEqual(["audio/2: wav", "received/mic/1: wav"]);
  });

  it("counts as removed when that is said", async () => {
    using scene = new CataloguedFolder(newFolder());
    scene.put("received/mic/1.wav");
    scene.put("audio/2.wav");
    await scene.reconcile();
    rmSync(join(scene.folder, "received"), { recursive: true });
    expect(await scene.reconcile({ acceptMissing: true })).toMatchObject({ gone: 1 });
    expect(scene.local).toEqual(["audio/2: wav"]);
    expect(await scene.reconcile()).toMatchObject({ unchangedFolders: 2 });
  });

  it("that goes away in the middle changes nothing either", async () => {
    using scene = new CataloguedFolder(newFolder());
    for (const path of ["received/a/1.wav", "received/b/2.wav"]) scene.put(path);
    await scene.reconcile();
    const fs: ScanFs = {
      ...systemScanFs,
      opendir: (path, options) => {
        if (path.endsWith("received")) renameSync(path, join(newFolder(), "unmounted"));
        return systemScanFs.opendir(path.endsWith("received") ? newFolder() : path, options);
      },
    };
    await expect(scene.reconcile({ fs, all: true })).rejects.toMatchObject({ code: "recordings-missing" });
    expect(scene.local.length).toBe(2);
  });

  it("says so when the data directory itself is missing", async () => {
    using scene = new CataloguedFolder(newFolder());
    const options = { ...VIENNA, acceptMissing: true };
    await expect(reconcile(scene.catalogue, join(scene.folder, "no"), options)).rejects.toThrow("ENOENT");
  });

  it("may have been emptied of what is stored elsewhere", async () => {
    using scene = new CataloguedFolder(newFolder());
    scene.put("audio/1.wav");
    scene.put("received/2.wav");
    await scene.reconcile();
    const id = scene.idOf("audio/1");
    scene.catalogue.segments.setRemote(id, "wav", 5, { bucket: "b", key: "k", verifiedUs: 1 });
    scene.catalogue.segments.removeLocal(id, "wav");
    rmSync(join(scene.folder, "audio"), { recursive: true });
    expect(await scene.reconcile()).toEqual({ folders: 1, unchangedFolders: 1 });
    expect(scene.local).toEqual(["audio/1: ", "received/2: wav"]);
  });
});
