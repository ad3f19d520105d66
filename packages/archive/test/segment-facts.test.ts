import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Gap } from "@audio/segments";
import { describe, expect, it } from "vitest";
import type { SegmentFacts } from "../src/catalogue/segment.js";
import type { AudioTags } from "../src/scan/audio-facts.js";
import { layoutReader } from "../src/scan/layouts.js";
import { readSegmentFacts } from "../src/scan/segment-facts.js";
import {
  factsOfFiles,
  ffmpeg,
  ourWav,
  plainWav,
  putFile,
  START_US,
  VIENNA,
} from "./support/scene-of-files.js";
import { temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const factsOf = factsOfFiles(newFolder);
const utc = (...fields: [number, number, number, number, number, number?]) => Date.UTC(...fields) * 1000;
const STEM = "received/mic/stream_7_mic_20261121_230102";

const KNOWN: SegmentFacts = {
  stem: STEM,
  source: "websocket",
  device: "mic",
  streamId: 7,
  sampleRate: 16_000,
  channels: 1,
  bitsPerSample: 16,
  startUs: START_US,
  samples: 1600,
  gaps: [],
  levels: undefined,
};

describe("a WAV with our metadata", () => {
  const gap: Gap = { startUs: START_US + 5, samples: 3, cause: "overload", filled: true };

  it("tells all, wherever it stands", async () => {
    const wav = ourWav({ device: "mic", streamId: 7, gaps: [gap, { ...gap, cause: "sunspots" }] });
    for (const stem of [STEM, "somewhere/else", "top"]) {
      const facts = { ...KNOWN, stem, gaps: [gap] };
      expect(await factsOf(stem, { wav })).toEqual({ facts, faults: [] });
    }
  });

  it("keeps its depth and channels, and may come from a source that is not known", async () => {
    const wav = ourWav({ source: "carrier-pigeon", samples: 77 }, { channels: 3, bitsPerSample: 24 });
    const { facts } = await factsOf("x", { wav });
    expect(facts).toMatchObject({
      source: undefined,
      channels: 3,
      bitsPerSample: 24,
      samples: 77,
      streamId: 0,
    });
  });

  it("of which a piece was cut out is none of ours, unless its name says so", async () => {
    const folder = newFolder();
    putFile(folder, "whole.wav", ourWav({ device: "mic", samples: 16_000 }));
    const piece = join(folder, `${STEM}.wav`);
    mkdirSync(join(piece, ".."), { recursive: true });
    execFileSync("ffmpeg", ["-v", "error", "-nostdin", "-ss", "0.5", "-i", join(folder, "whole.wav"), piece]);
    const cut = readFileSync(piece);
    // The chunks of the whole behind a piece of its audio, as editors leave them
    const withChunks = Buffer.concat([plainWav(100), ourWav({ samples: 16_000 }).subarray(44 + 32_000)]);
    for (const wav of [cut, withChunks]) {
      expect(await factsOf("clips/best", { wav })).toEqual({ facts: undefined, faults: [] });
      const { facts } = await factsOf(STEM, { wav });
      expect(facts).toMatchObject({ device: "mic", startUs: utc(2026, 10, 21, 22, 1, 2) });
    }
  });

  it.each([
    ["a device that could be no name", { device: "../../etc" }],
    ["a time that no number holds", { startUs: Number.MAX_SAFE_INTEGER }],
  ])("is not believed with %s", async (_, fields) => {
    expect((await factsOf("x", { wav: ourWav(fields) })).facts).toBeUndefined();
  });
});

describe("a WAV without metadata", () => {
  it.each([
    ["received/mic/stream_7_mic_20261121_230102_3", { device: "mic", streamId: 7 }],
    ["received/stream_4294967295_20261121_230102", { device: undefined, streamId: 4_294_967_295 }],
    ["mic/stream_7_mic_20261121_230102", { device: "mic", streamId: 7 }], // the data directory is .../received
    ["stream_7_20261121_230102", { device: undefined, streamId: 7 }],
  ])("is known by its name: %s", async (stem, expected) => {
    const { facts } = await factsOf(stem, { wav: plainWav(8000, 8000) });
    const format = {
      sampleRate: 8000,
      samples: 8000,
      startUs: utc(2026, 10, 21, 22, 1, 2),
      source: undefined,
    };
    expect(facts).toEqual({ ...KNOWN, ...expected, ...format, stem });
  });

  it("takes the second from its last write, if that lies in the named minute", async () => {
    const stem = "audio/2026-11-21/2026-11-21_2301_10";
    const wav = plainWav(16_000 * 20);
    const minute = utc(2026, 10, 21, 22, 1);
    const start = async (writtenUs: number) => (await factsOf(stem, { wav }, { writtenUs })).facts?.startUs;
    expect(await start(minute + 57_250_000)).toBe(minute + 37_250_000);
    expect(await start(minute + 80_000_000)).toBe(minute);
    expect(await start(minute + 19_000_000)).toBe(minute);
  });

  it("is read by the templates that are set", async () => {
    const names = layoutReader({
      pcm: "{source}/{device}-{yyyy}{MM}{dd}",
      device: "a",
      anonymous: "b/{stream}",
    });
    const context = { ...VIENNA, names };
    const writtenUs = utc(2026, 10, 21, 12, 0);
    const wav = plainWav(32_000);
    const day = await factsOf("udp/10-0-0-1-20261121", { wav }, { context, writtenUs });
    expect(day.facts).toMatchObject({ device: "10-0-0-1", source: "udp", startUs: writtenUs - 2_000_000 });
    const none = await factsOf("b/12", { wav }, { context, writtenUs });
    expect(none.facts).toMatchObject({ streamId: 12, startUs: writtenUs - 2_000_000 });
  });

  it("of another program in a known place counts, whatever its encoding; elsewhere it is none of ours", async () => {
    const folder = newFolder();
    const stem = "audio/2026-11-21/2026-11-21_2301";
    mkdirSync(join(folder, "audio/2026-11-21"), { recursive: true });
    const formats = { pcm_u8: 8, pcm_f32le: 32, pcm_alaw: 8, adpcm_ima_wav: 4, pcm_s24le: 24 };
    for (const [codec, bitsPerSample] of Object.entries(formats)) {
      const tone = [
        "-f",
        "lavfi",
        "-i",
        "sine=duration=2:sample_rate=48000",
        "-ac",
        "2",
        "-metadata",
        "title=hm",
      ];
      ffmpeg(...tone, "-c:a", codec, join(folder, `${stem}.wav`));
      const { facts, faults } = await readSegmentFacts(folder, stem, ["wav"], VIENNA);
      expect(faults).toEqual([]);
      expect(facts).toMatchObject({ bitsPerSample, channels: 2, sampleRate: 48_000 });
      expect(Math.abs((facts?.samples ?? 0) - 96_000)).toBeLessThan(2100); // ADPCM: whole blocks
      const elsewhere = await factsOf("music/song", { wav: readFileSync(join(folder, `${stem}.wav`)) });
      expect(elsewhere).toEqual({ facts: undefined, faults: [] });
    }
  });
});

describe("times in names", () => {
  const startOf = async (time: string, { suffix = "", writtenUs = 0 }) => {
    const stem = `received/mic/stream_7_mic_${time}${suffix}`;
    return (await factsOf(stem, { wav: plainWav(16_000) }, { writtenUs })).facts?.startUs;
  };
  const first = utc(2026, 9, 25, 0, 30);
  const second = utc(2026, 9, 25, 1, 30);

  it("in the hour that comes twice are of the pass in which the file was written", async () => {
    for (const suffix of ["", "_2"]) {
      expect(await startOf("20261025_023000", { suffix, writtenUs: first + 61_000_000 })).toBe(first);
      expect(await startOf("20261025_023000", { suffix, writtenUs: second + 61_000_000 })).toBe(second);
    }
  });

  it("of copies are of the first pass, with a number of the second", async () => {
    expect(await startOf("20261025_023000", {})).toBe(first);
    expect(await startOf("20261025_023000", { suffix: "_2" })).toBe(second);
    expect(await startOf("20261025_023000", { suffix: "_7" })).toBe(second);
  });

  it("that no clock has shown count as if it had not been changed", async () => {
    expect(await startOf("20260329_023000", {})).toBe(utc(2026, 2, 29, 1, 30));
  });
});

describe("FLAC and Opus", () => {
  const tags: AudioTags = {
    samples: 1600,
    sampleRate: 16_000,
    channels: 1,
    bitsPerSample: 16,
    metadata: undefined,
  };
  const { samples, sampleRate } = tags;
  const local = { year: 2026, month: 11, day: 21, hour: 23, minute: 1, second: 2, microsecond: 3 };
  const ours = {
    device: "mic",
    streamId: 7,
    source: "websocket",
    startUs: START_US,
    software: "x",
    gaps: [],
    local,
  };
  const metadata = { ...ours, samples: 1600, sampleRate: 16_000 };
  const reading = (found: Partial<AudioTags>) => ({
    ...VIENNA,
    readTags: async () => ({ ...tags, ...found }),
  });

  it("are read by the reader that is given, in the format that was recorded", async () => {
    const opus = { samples: 4800, sampleRate: 48_000, bitsPerSample: undefined, metadata };
    for (const found of [{ metadata }, opus, { metadata, samples: undefined }]) {
      const { facts } = await factsOf("any/where", { flac: Buffer.from("x") }, { context: reading(found) });
      expect(facts).toEqual({ ...KNOWN, stem: "any/where" });
    }
  });

  it("without our metadata are known by their names", async () => {
    const other = { ...metadata, samples: 9999 };
    for (const found of [{}, { metadata: other }]) {
      const { facts } = await factsOf(STEM, { opus: Buffer.from("x") }, { context: reading(found) });
      expect(facts).toMatchObject({ device: "mic", samples, sampleRate, startUs: START_US - 3 });
    }
    const unknown = await factsOf(
      STEM,
      { opus: Buffer.from("x") },
      { context: reading({ samples: undefined }) },
    );
    expect(unknown.faults).toMatchObject([{ form: "opus", reason: "does not say how long it is" }]);
  });

  it("are broken when the reader says so, and come before a WAV that is", async () => {
    const readTags = async () => {
      throw Object.assign(new Error("no FLAC"), { code: "invalid-audio" });
    };
    const broken = await factsOf(STEM, { flac: Buffer.from("x") }, { context: { ...VIENNA, readTags } });
    expect(broken).toEqual({
      facts: undefined,
      faults: [{ form: "flac", path: `${STEM}.flac`, reason: "no FLAC" }],
    });
    const files = { wav: Buffer.from("RIFX"), flac: Buffer.from("x") };
    const { facts, faults } = await factsOf(STEM, files, { context: reading({ metadata }) });
    expect([facts, faults.map(({ form }) => form)]).toEqual([KNOWN, ["wav"]]);
    const without = await factsOf(STEM, { flac: Buffer.from("x") });
    expect(without.faults[0].reason).toBe("flac files cannot be read here");
  });
});
