import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FoundSegment } from "../src/scan/list-folder.js";
import { type Scanned, type ScanOptions, scanDataDir } from "../src/scan/scan-data-dir.js";
import { type ScanFs, systemScanFs } from "../src/scan/scan-fs.js";
import { putFile } from "./support/scene-of-files.js";
import { temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
// Folders made just now are settled by then.
const LATER = { nowNs: () => BigInt(Date.now() + 3_600_000) * 1_000_000n };

async function scan(dataDir: string, options: ScanOptions = LATER): Promise<Scanned[]> {
  const all: Scanned[] = [];
  for await (const found of scanDataDir(dataDir, options)) all.push(found);
  return all;
}

function segmentsOf(all: readonly Scanned[]): FoundSegment[] {
  return all.flatMap((found) => (found.kind === "segments" ? found.segments : []));
}

/** `stem: form form` */
function stemsOf(all: readonly Scanned[]): string[] {
  return segmentsOf(all).map(({ stem, forms }) => `${stem}: ${forms.map(({ form }) => form).join(" ")}`);
}

/** What the next scan need not look at. */
function knownOf(all: readonly Scanned[], known = new Map<string, bigint>()): Map<string, bigint> {
  for (const found of all) {
    if (found.kind !== "listed") continue;
    known.set(found.folder, found.changedNs);
    for (const folder of found.folders) if (!known.has(folder)) known.set(folder, 0n);
  }
  return known;
}

class CountingFs implements ScanFs {
  listed: string[] = [];
  sizes = 0;
  readonly changedNs = systemScanFs.changedNs;

  opendir: ScanFs["opendir"] = (path, options) => {
    this.listed.push(path);
    return systemScanFs.opendir(path, options);
  };

  lstat: ScanFs["lstat"] = (path) => {
    this.sizes++;
    return systemScanFs.lstat(path);
  };
}

describe("a scan", () => {
  it("finds segments in all their forms, with their sizes, and nothing else", async () => {
    const folder = newFolder();
    for (const form of ["wav", "bin", "flac", "opus"]) putFile(folder, `received/mic/a.${form}`, form);
    putFile(folder, "top_2.wav", "");
    putFile(folder, "audio/2026-11-21/x.y.flac", "x");
    const others = ["a.txt", "a.WAV", ".a.wav", "wav", ".wav", "a.wav.tmp", "a.flac.part", "a.mp3", "a.wav~"];
    for (const name of others) putFile(folder, `received/other/${name}`, "");
    for (const path of ["quarantine/q.wav", "gaps/g.wav", ".journal/j.wav", "received/.cache/c.wav"])
      putFile(folder, path, "");
    putFile(folder, "received/gaps/device-called-gaps.wav", "");
    const all = await scan(folder);
    expect(stemsOf(all)).toEqual([
      "top_2: wav",
      "audio/2026-11-21/x.y: flac",
      "received/gaps/device-called-gaps: wav",
      "received/mic/a: wav flac opus bin",
    ]);
    expect(
      segmentsOf(all)
        .at(-1)
        ?.forms.map(({ bytes }) => bytes),
    ).toEqual([3, 4, 4, 3]);
    const listed = all.flatMap((found) => (found.kind === "listed" ? found.folder : []));
    expect(listed.slice(0, 3)).toEqual(["", "audio", "audio/2026-11-21"]);
  });

  it("leaves out what is in progress, whatever of it is finished", async () => {
    const folder = newFolder();
    for (const name of [
      "a.wav.part",
      "a.bin.part",
      "b.bin",
      "b.wav.part",
      "c.wav",
      "c.flac.part",
      "d.part.wav",
    ])
      putFile(folder, name, "x");
    expect(stemsOf(await scan(folder))).toEqual(["c: wav", "d.part: wav"]);
  });

  it("follows no link, and passes over what is no file", async () => {
    const folder = newFolder();
    const elsewhere = newFolder();
    putFile(elsewhere, "secret.wav", "x");
    symlinkSync(elsewhere, join(folder, "linked"));
    symlinkSync(join(elsewhere, "secret.wav"), join(folder, "file.wav"));
    symlinkSync(folder, join(folder, "round"));
    symlinkSync(join(folder, "nothing"), join(folder, "dangling.wav"));
    mkdirSync(join(folder, "folder.wav"));
    putFile(folder, "real.wav", "x");
    expect(stemsOf(await scan(folder))).toEqual(["real: wav"]);
  });

  it("goes on past a folder that cannot be read", async () => {
    const folder = newFolder();
    for (const path of ["a/1.wav", "b/2.wav", "c/3.wav"]) putFile(folder, path, "x");
    const fs: ScanFs = {
      ...systemScanFs,
      opendir: (path, options) =>
        path.endsWith("b")
          ? Promise.reject(Object.assign(new Error("EIO: i/o error"), { code: "EIO" }))
          : systemScanFs.opendir(path, options),
    };
    const all = await scan(folder, { ...LATER, fs });
    expect(stemsOf(all)).toEqual(["a/1: wav", "c/3: wav"]);
    expect(all).toContainEqual({ kind: "unreadable", folder: "b", reason: "EIO: i/o error" });
  });

  it("ends at folders that lie too deep", async () => {
    const folder = newFolder();
    putFile(folder, `${"d/".repeat(32)}in.wav`, "x");
    putFile(folder, `${"d/".repeat(33)}out.wav`, "x");
    const all = await scan(folder);
    expect(stemsOf(all)).toEqual([`${"d/".repeat(32)}in: wav`]);
    expect(all.at(-1)).toMatchObject({ kind: "unreadable", reason: "more than 32 folders deep" });
  });

  it("fails when there is no data directory", async () => {
    await expect(scan(join(newFolder(), "missing"))).rejects.toThrow("ENOENT");
  });

  it("ends when it is told to, and keeps to its pace", async () => {
    const folder = newFolder();
    for (let i = 0; i < 300; i++) putFile(folder, `${i}.wav`, "");
    const abort = new AbortController();
    abort.abort(new Error("enough"));
    await expect(scan(folder, { signal: abort.signal })).rejects.toThrow("enough");
    const startedMs = performance.now();
    await scan(folder, { filesPerSecond: 600 });
    expect(performance.now() - startedMs).toBeGreaterThan(300);
  });
});

describe("an incremental scan", () => {
  it("lists only the folders that have changed, and those in folders that have not", async () => {
    const folder = newFolder();
    for (const device of ["a", "b", "c"]) putFile(folder, `received/${device}/1.wav`, "x");
    const known = knownOf(await scan(folder));
    expect([...known.values()].every((ns) => ns > 0n)).toBe(true);
    putFile(folder, "received/b/2.wav", "x");
    const fs = new CountingFs();
    const all = await scan(folder, { ...LATER, known, fs });
    expect(stemsOf(all)).toEqual(["received/b/1: wav", "received/b/2: wav"]);
    expect([fs.listed, fs.sizes]).toEqual([[join(folder, "received/b")], 2]);
    expect(all.flatMap((found) => (found.kind === "unchanged" ? found.folder : []))).toEqual([
      "",
      "received",
      "received/a",
      "received/c",
    ]);
  });

  it("finds files that were renamed, removed, or put into a new folder", async () => {
    const folder = newFolder();
    for (const name of ["a/1.wav", "a/2.wav", "b/3.wav"]) putFile(folder, name, "x");
    const known = knownOf(await scan(folder));
    renameSync(join(folder, "a/1.wav"), join(folder, "a/9.wav"));
    rmSync(join(folder, "b/3.wav"));
    putFile(folder, "c/d/4.wav", "x");
    const all = await scan(folder, { ...LATER, known });
    expect(stemsOf(all)).toEqual(["a/2: wav", "a/9: wav", "c/d/4: wav"]);
    expect(all.filter(({ kind }) => kind === "unchanged")).toEqual([]);
  });

  it("looks again at a folder that changed just before the scan: time stands still for a moment", async () => {
    const folder = newFolder();
    putFile(folder, "a/1.wav", "x");
    const known = knownOf(await scan(folder, {}));
    expect([...known]).toEqual([
      ["", 0n],
      ["a", 0n],
    ]);
    // A clock that jumped ahead and back has left folders of the future.
    utimesSync(join(folder, "a"), 4_000_000_000, 4_000_000_000);
    expect(knownOf(await scan(folder, {})).get("a")).toBe(0n);
  });

  it("that was broken off goes on where it was", async () => {
    const folder = newFolder();
    for (const path of ["a/x/1.wav", "a/y/2.wav", "b/3.wav"]) putFile(folder, path, "x");
    const known = new Map<string, bigint>();
    const seen: string[] = [];
    for (let round = 0; round < 20; round++) {
      let told = 0;
      for await (const found of scanDataDir(folder, { ...LATER, known })) {
        seen.push(...stemsOf([found]));
        knownOf([found], known);
        if (found.kind === "listed" && ++told === 1) break;
      }
    }
    expect(seen.sort()).toEqual(["a/x/1: wav", "a/y/2: wav", "b/3: wav"]);
  });
});

describe("a folder with many files", () => {
  it("comes in ranges that leave nothing out, in order, however many stems are kept", async () => {
    const name = fc.stringMatching(/^[a-c_0-2]{1,3}$/);
    const file = fc.record({ name, form: fc.constantFrom("wav", "bin", "flac") });
    await fc.assert(
      fc.asyncProperty(
        fc.array(file, { maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        async (files, rangeStems) => {
          const folder = newFolder();
          for (const { name, form } of files) putFile(folder, `f/${name}.${form}`, "");
          const all = await scan(folder, { ...LATER, rangeStems });
          const expected = [...new Set(files.map(({ name }) => `f/${name}`))].sort();
          expect(segmentsOf(all).map(({ stem }) => stem)).toEqual(expected);
          const ranges = all.flatMap((found) =>
            found.kind === "segments" && found.folder === "f" ? [found] : [],
          );
          const bounds = ranges.map(({ after, upTo }) => [after, upTo]);
          expect(bounds[0]?.[0]).toBeUndefined();
          expect(bounds.at(-1)?.[1]).toBeUndefined();
          for (const [i, { segments, upTo, after }] of ranges.entries()) {
            expect(segments.length).toBeLessThanOrEqual(rangeStems);
            if (i > 0) expect(after).toBe(bounds[i - 1][1]);
            for (const { stem } of segments)
              expect([after === undefined || stem > after, upTo === undefined || stem <= upTo]).toEqual([
                true,
                true,
              ]);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("of 20 000 is read in bounded memory", async () => {
    const folder = newFolder();
    mkdirSync(join(folder, "received/mic"), { recursive: true });
    for (let i = 0; i < 10_000; i++) {
      const stem = join(folder, `received/mic/stream_1_mic_${20_000_000 + i}_000000`);
      writeFileSync(`${stem}.wav`, "");
      writeFileSync(`${stem}.bin`, "");
    }
    let segments = 0;
    let largest = 0;
    for await (const found of scanDataDir(folder, { rangeStems: 1000 })) {
      if (found.kind !== "segments") continue;
      segments += found.segments.length;
      largest = Math.max(largest, found.segments.length);
    }
    expect([segments, largest]).toEqual([10_000, 1000]);
  });
});

/** Root may read everything: as who may not. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  const { geteuid, seteuid } = process;
  if (geteuid?.() !== 0) return work();
  seteuid?.(65_534);
  try {
    return await work();
  } finally {
    seteuid?.(0);
  }
}

it("tells of a folder that this user may not read", async () => {
  const folder = newFolder();
  putFile(folder, "a/1.wav", "x");
  for (const path of [join(folder, ".."), folder]) chmodSync(path, 0o755);
  chmodSync(join(folder, "a"), 0);
  const all = await asNobody(() => scan(folder));
  chmodSync(join(folder, "a"), 0o700);
  expect(all.at(-1)).toMatchObject({ kind: "unreadable", folder: "a" });
});
