import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { systemFs } from "../src/disk/file-system.js";
import { promised } from "../src/disk/promised-fs.js";
import { type ClaimedName, SegmentNames } from "../src/recording/segment-names.js";
import { filesBelow, temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
// Tries to remove every folder below the first of them, again and again.
const REMOVER = `
  const { readdirSync, rmdirSync } = require("node:fs");
  const remove = (folder) => {
    for (const name of readdirSync(folder)) {
      const path = folder + "/" + name;
      if (name.includes(".")) continue;
      try { remove(path); rmdirSync(path); } catch {}
    }
  };
  console.log("ready");
  for (;;) remove(process.argv[1]);`;
const namesIn = (folder: string) => new SegmentNames({ fs: promised(systemFs), dataDir: folder });

async function claimAll(names: SegmentNames, wanted: readonly string[]): Promise<ClaimedName[]> {
  const claimed = await Promise.all(wanted.map((name) => names.claim(name)));
  for (const { fd } of claimed) closeSync(fd);
  return claimed;
}

const stems = (folder: string, claimed: readonly ClaimedName[]) =>
  claimed.map(({ stem }) => stem.slice(folder.length + 1));

describe("names under the data directory", () => {
  it("are numbered from the second on, each held by its .part", async () => {
    const folder = newFolder();
    const claimed = await claimAll(namesIn(folder), ["a/b/name", "a/b/name", "a/b/name", "a/b/other"]);
    expect(stems(folder, claimed)).toEqual(["a/b/name", "a/b/name_2", "a/b/name_3", "a/b/other"]);
    expect(filesBelow(folder)).toEqual(
      ["name", "name_2", "name_3", "other"].map((name) => `a/b/${name}.wav.part`),
    );
  });

  it.each([".wav", ".bin", ".flac", ".opus", ".wav.part"])(
    "pass over one that stands there as %s, and touch it not",
    async (extension) => {
      const folder = newFolder();
      writeFileSync(join(folder, `name${extension}`), "precious");
      writeFileSync(join(folder, `name_2${extension}`), "precious");
      const claimed = await claimAll(namesIn(folder), ["name"]);
      expect(stems(folder, claimed)).toEqual(["name_3"]);
      expect(filesBelow(folder)).toEqual(
        [`name${extension}`, `name_2${extension}`, "name_3.wav.part"].sort(),
      );
    },
  );

  it("keep the order in which they were asked for, whatever stands there", async () => {
    const folder = newFolder();
    for (const name of ["name", "name_2", "name_3"]) writeFileSync(join(folder, `${name}.wav`), "precious");
    const claimed = await claimAll(namesIn(folder), ["name", "name", "name"]);
    expect(stems(folder, claimed)).toEqual(["name_4", "name_5", "name_6"]);
  });

  it("never clash, whoever asks at once", async () => {
    const wanted = fc.array(fc.constantFrom("x", "x_2", "y", "d/x", "d/e/x", "d/x_2"), {
      minLength: 1,
      maxLength: 30,
    });
    const standing = fc.uniqueArray(fc.constantFrom<string>("x", "x_2", "x_3", "y", "d/x", "d/x_3"));
    await fc.assert(
      fc.asyncProperty(wanted, wanted, standing, async (first, second, finished) => {
        const folder = newFolder();
        mkdirSync(join(folder, "d"));
        for (const name of finished) writeFileSync(join(folder, `${name}.wav`), "precious");
        // Two sets of names are two receivers that share nothing but the disk.
        const claims = [claimAll(namesIn(folder), first), claimAll(namesIn(folder), second)];
        const all = stems(folder, (await Promise.all(claims)).flat());
        expect(new Set(all).size).toBe(first.length + second.length);
        expect(all.filter((stem) => finished.includes(stem))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it("are found fast for a thousand devices in one minute, also after a restart", async () => {
    const folder = newFolder();
    const minute = new Array<string>(1000).fill("audio/2026-11-21/2026-11-21_2101");
    const started = performance.now();
    await claimAll(namesIn(folder), minute);
    const again = await claimAll(namesIn(folder), minute);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(filesBelow(folder)).toHaveLength(2000);
    expect(stems(folder, again)).toContain("audio/2026-11-21/2026-11-21_2101_2000");
  });
});

describe("a data directory that is not there", () => {
  it("is not made, but named", async () => {
    const folder = join(newFolder(), "unmounted");
    await expect(namesIn(folder).claim("audio/name")).rejects.toThrow(`data directory ${folder} is gone`);
    await expect(namesIn(folder).claim("name")).rejects.toThrow(folder);
    mkdirSync(folder);
    const claimed = await claimAll(namesIn(folder), ["audio/name"]);
    expect(stems(folder, claimed)).toEqual(["audio/name"]);
    rmSync(folder, { recursive: true });
  });

  it("are found while another process removes every folder that is empty", async () => {
    const folder = newFolder();
    const wanted = Array.from({ length: 300 }, (_, i) => `audio/device_${i}/day/name`);
    const remover = spawn(process.execPath, ["-e", REMOVER, folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      await once(remover.stdout, "data");
      const names = namesIn(folder);
      for (let i = 0; i < wanted.length; i += 3) await claimAll(names, wanted.slice(i, i + 3));
    } finally {
      remover.kill();
    }
    expect(filesBelow(folder)).toEqual(wanted.map((name) => `${name}.wav.part`).sort());
  });

  it("ends the search also where a link leads to nothing", async () => {
    const folder = newFolder();
    symlinkSync("/nonexistent/usb-disk", join(folder, "audio"));
    const claim = namesIn(folder).claim("audio/name");
    await expect(Promise.race([claim, sleep(2000, "still searching")])).rejects.toThrow(/ENOENT/);
  });

  it("fails where a file stands in the way", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "audio"), "");
    await expect(namesIn(folder).claim("audio/name")).rejects.toThrow(/ENOTDIR/);
  });
});

describe("a claim that failed", () => {
  it("keeps its place: those that came after do not get the name that it had tried", async () => {
    const folder = newFolder();
    const disk = promised(systemFs);
    let isFailing = true;
    const fs = {
      ...disk,
      open: (path: string, flags: string) => (isFailing ? failing() : disk.open(path, flags)),
    };
    const names = new SegmentNames({ fs, dataDir: folder });
    let tried: string | undefined;
    await expect(
      names.claim("name", (stem) => {
        tried = stem;
      }),
    ).rejects.toThrow("EIO");
    isFailing = false;
    const next = await names.claim("name");
    const first = await names.reclaim("name", tried);
    const taken = await names.reclaim("name", tried);
    const untried = await names.reclaim("name", undefined);
    for (const { fd } of [next, first, taken, untried]) closeSync(fd);
    expect(stems(folder, [first, next, taken, untried])).toEqual(["name", "name_2", "name_3", "name_4"]);
  });
});

function failing(): Promise<never> {
  return Promise.reject(Object.assign(new Error("EIO: open"), { code: "EIO" }));
}
