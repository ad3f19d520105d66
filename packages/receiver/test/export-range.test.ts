import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { type AudioSources, type Catalogue, planRange, type RangePlan, type Segment } from "@audio/archive";
import { TimeZone } from "@audio/segments";
import { describe, expect, it } from "vitest";
import { ffmpegCodecs, needsFfmpeg } from "../src/export/codecs.js";
import { fileNameOf, metadataOf } from "../src/export/describe-range.js";
import { type ExportOptions, exportRange } from "../src/export/export-range.js";
import { progressText } from "../src/export/progress-text.js";
import { whichDevice } from "../src/export/which-device.js";
import { noiseBytes, wavFile } from "./support/audio.js";
import { temporaryFolder } from "./support/test-receiver.js";

const UTC = new TimeZone("UTC");
const startUs = (Date.UTC(2026, 10, 21, 18) * 1_000_000) / 1000;
const audio = noiseBytes(64_000);
const SEGMENT: Segment = {
  id: 1,
  stem: "a",
  source: "udp",
  device: "kitchen",
  streamId: 0,
  sampleRate: 16_000,
  channels: 1,
  bitsPerSample: 16,
  startUs,
  endUs: startUs + 2_000_000,
  samples: 32_000,
  gaps: [],
  levels: undefined,
  forms: [{ form: "wav", bytes: 64_044, local: true, remote: undefined }],
};
const planOf = (segments: readonly Segment[], seconds = 2): RangePlan =>
  planRange(segments, { fromUs: startUs, toUs: startUs + seconds * 1_000_000, gaps: "silence" })!;

async function prepared(more: Partial<ExportOptions> = {}) {
  const folder = await temporaryFolder();
  await writeFile(join(folder.path, "a.wav"), wavFile(audio));
  const plan = planOf([SEGMENT]);
  const options: ExportOptions = {
    plan,
    metadata: metadataOf(plan, "kitchen", UTC),
    sources: { dataDir: folder.path },
    encode: ffmpegCodecs().encode,
    format: "wav",
    out: join(folder.path, "out.wav"),
    force: false,
    signal: new AbortController().signal,
    ...more,
  };
  return { folder, options };
}

describe("exportRange", () => {
  it("leaves no file when it is stopped, or cannot go on", async () => {
    for (const format of ["wav", "flac"] as const) {
      const stop = new AbortController();
      const onProgress = () => stop.abort(new Error("enough"));
      const { folder, options } = await prepared({ format, signal: stop.signal, onProgress });
      const plan = planOf([SEGMENT, { ...SEGMENT, stem: "b", startUs: startUs + 2_000_000 }], 3600);
      await expect(exportRange({ ...options, plan })).rejects.toThrow("enough");
      expect(await readdir(folder.path)).toEqual(["a.wav"]);
      await folder[Symbol.asyncDispose]();
    }
  });

  it("does not take a name that was taken meanwhile", async () => {
    const { folder, options } = await prepared();
    await using _ = folder;
    const out = options.out as string;
    const onProgress = () => void (existsSync(out) || writeFile(out, "of somebody else"));
    const sources: AudioSources = { ...options.sources };
    await expect(exportRange({ ...options, sources, onProgress })).rejects.toMatchObject({
      code: "export-failed",
    });
    expect((await readdir(folder.path)).sort()).toEqual(["a.wav", "out.wav"]);
  });

  it("takes a folder for what it is", async () => {
    const { folder, options } = await prepared({ force: true });
    await using _ = folder;
    await mkdir(options.out as string);
    await expect(exportRange(options)).rejects.toMatchObject({ code: "export-failed" });
  });

  it("tells a reader that went away", async () => {
    const out = new PassThrough();
    const { folder, options } = await prepared({ out });
    await using _ = folder;
    const exporting = exportRange(options);
    out.destroy(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    await expect(exporting).rejects.toThrow("whoever read the output went away");
  });
});

describe("the device that is meant", () => {
  const catalogueOf = (...names: (string | undefined)[]) => {
    const summaries = names.map((device) => ({ device, segments: 1, firstUs: 0, lastUs: 1, usage: [] }));
    return { devices: { summaries: () => summaries } } as unknown as Catalogue;
  };
  const many = catalogueOf(undefined, "attic", "cellar", "garden", "kitchen", "porch", "workshop");

  it("is the one of this name, or the only one", () => {
    expect(whichDevice(many, "porch").device).toBe("porch");
    expect(whichDevice(many, "").device).toBeUndefined();
    expect(whichDevice(catalogueOf("attic"), undefined).device).toBe("attic");
  });

  it("is told those that come near", () => {
    expect(() => whichDevice(many, "Kitchn")).toThrow(/"Kitchn"; there is kitchen, .* \(7 in all\)$/);
    expect(() => whichDevice(many, undefined)).toThrow(
      'there are 7 devices, such as "" (senders without a name), attic',
    );
    expect(() => whichDevice(catalogueOf(), "attic")).toThrow("nothing is recorded");
  });
});

describe("an export", () => {
  it("is named by device and time, whatever the device is called", () => {
    const range = { fromUs: startUs, toUs: startUs + 90_000_000 };
    expect(fileNameOf("kitchen", range, "flac", UTC)).toBe("kitchen_20261121_180000-20261121_180130.flac");
    expect(fileNameOf("../../etc/x y", range, "wav", UTC)).toBe(
      "etc-x-y_20261121_180000-20261121_180130.wav",
    );
    expect(fileNameOf(undefined, range, "wav", new TimeZone("Asia/Tokyo"))).toMatch(
      /^unnamed_20261122_030000-/,
    );
  });

  it("tells how far it is", () => {
    expect(progressText(16_000, planOf([SEGMENT]), 100)).toBe("50 %, 1 s of 2 s, 10 times real time");
  });

  it("needs ffmpeg for what is compressed, and for nothing else", () => {
    expect(needsFfmpeg(planOf([SEGMENT]), "wav")).toBe(false);
    expect(needsFfmpeg(planOf([SEGMENT]), "opus")).toBe(true);
    const flac = { ...SEGMENT, forms: [{ ...SEGMENT.forms[0], form: "flac" as const }] };
    expect(needsFfmpeg(planOf([flac]), "wav")).toBe(true);
  });
});
