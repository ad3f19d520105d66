import { readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { formatWavHeader } from "@audio/wav";
import { describe, expect, test } from "vitest";
import { WaveFile } from "wavefile";
import { compressSegment } from "../src/compress-segment.js";
import { findFfmpeg } from "../src/ffmpeg.js";
import { readTags } from "../src/tags/read-tags.js";
import { MONO_16K, recording, sound, temporaryFolder, writeWav } from "./support/recordings.js";

const ffmpeg = await findFfmpeg({ encoders: ["flac", "libopus"] });
const folder = temporaryFolder();

const refused = async (input: string, code: string, message: RegExp, format: "flac" | "opus" = "flac") => {
  const compressing = compressSegment({ ffmpeg, input, format, deleteOriginal: true });
  await expect(compressing).rejects.toMatchObject({ name: "CompressError", code });
  await expect(compressing).rejects.toThrow(message);
};

/** A WAV of 16 samples in an encoding that the recorder does not write. */
function foreign(depth: string): string {
  const path = join(folder(), "foreign.wav");
  const wav = new WaveFile();
  const samples = Array.from({ length: 16 }, (_, i) => Math.sin(i) * (depth === "32f" ? 0.5 : 50));
  wav.fromScratch(1, 16_000, depth, samples);
  writeFileSync(path, wav.toBuffer());
  return path;
}

describe("a WAV that is not compressed", () => {
  test("is empty", async () => {
    const path = writeWav(join(folder(), "empty.wav"), MONO_16K, Buffer.alloc(0));
    // Zero bytes of audio are sure to be meant only if something follows them
    const chunk = Buffer.from("LIST\x04\0\0\0INFO");
    writeFileSync(path, Buffer.concat([formatWavHeader(MONO_16K, 0, chunk.byteLength), chunk]));
    await refused(path, "empty-audio", /empty\.wav holds no sample$/);
  });

  test.each([
    ["8", /is pcm, 8 bits, 1 channels; allowed is PCM of 16, 24 or 32 bits/],
    ["32f", /is float, 32 bits/],
  ])("has depth %s", async (depth, message) => {
    await refused(foreign(depth), "unsupported-format", message);
  });

  test("is no WAV", async () => {
    const path = join(folder(), "note.wav");
    writeFileSync(path, "not a recording at all");
    await refused(path, "invalid-wav", /note\.wav: not a WAV file/);
    writeFileSync(path, "RI");
    await refused(path, "invalid-wav", /note\.wav ends before its samples begin$/);
  });

  test("is cut", async () => {
    const { path } = recording(folder(), MONO_16K, 1000);
    truncateSync(path, 1044);
    await refused(path, "invalid-wav", /is cut: its header claims 2000 bytes of audio, 1000 are there$/);
  });

  test("is not there, or is a link", async () => {
    const { path } = recording(folder());
    await refused(join(dirname(path), "nowhere.wav"), "file-unreadable", /no such file/);
    const link = join(dirname(path), "link.wav");
    symlinkSync(path, link);
    await refused(link, "file-unreadable", /link\.wav is no regular file$/);
  });

  test("has a rate that FLAC does not take", async () => {
    const { path } = recording(folder(), { ...MONO_16K, sampleRate: 96_001 }, 1000);
    await refused(path, "unsupported-format", /has 96001 Hz; FLAC takes every rate up to 65534 Hz/);
    expect((await compressSegment({ ffmpeg, input: path, format: "opus" })).audioSeconds).toBeCloseTo(
      0.0104,
      4,
    );
  });
});

test("32 bits become FLAC only if nothing of them is lost", async () => {
  const format = { ...MONO_16K, bitsPerSample: 32 as const };
  const { path, pcm } = recording(folder(), format, 20_000);
  const made = await compressSegment({ ffmpeg, input: path, format: "flac", deleteOriginal: true }).catch(
    (e) => e,
  );
  if (made instanceof Error) {
    expect(made).toMatchObject({ code: "unsupported-format", permanent: true });
    expect(made.message).toMatch(
      /has 32 bits, of which this ffmpeg's FLAC keeps 24; 32 need ffmpeg 6 or newer$/,
    );
    expect(
      readFileSync(path)
        .subarray(44, 44 + pcm.byteLength)
        .equals(pcm),
    ).toBe(true);
  } else {
    expect((await readTags(made.output)).bitsPerSample).toBe(32);
  }
});

test("32 bits become Opus", async () => {
  const { path } = recording(folder(), { ...MONO_16K, bitsPerSample: 32 }, 20_000);
  const { output } = await compressSegment({ ffmpeg, input: path, format: "opus" });
  expect((await readTags(output)).samples).toBe(60_000);
});

test("names that ffmpeg could misunderstand are names", async () => {
  const { path, pcm } = recording(folder());
  for (const name of ["-y.wav", "a:b,c=d,,end,9,,:x.wav", "pipe:0.wav", "100%d.wav", "ü 'q' \"d\".wav"]) {
    const input = writeWav(join(dirname(path), name), MONO_16K, pcm);
    const done = await compressSegment({ ffmpeg, input, format: "flac" });
    expect((await readTags(done.output)).samples).toBe(pcm.byteLength / 2);
  }
});

test("one sample is a recording", async () => {
  const input = writeWav(join(folder(), "one.wav"), MONO_16K, sound(MONO_16K, 1));
  for (const format of ["flac", "opus"] as const) {
    expect((await compressSegment({ ffmpeg, input, format })).audioSeconds).toBe(1 / 16_000);
  }
});

test.each([
  [{ format: "mp3" }, TypeError],
  [{ flacLevel: 9 }, RangeError],
  [{ opusKbps: 24 }, RangeError],
  [{ output: "speech.wav" }, TypeError],
  [{ timeout: { baseSeconds: 0, perAudioSecond: 1 } }, RangeError],
])("%j is a caller's mistake", async (wrong, type) => {
  const { path } = recording(folder());
  const options = { ffmpeg, input: path, format: "flac" as const, ...wrong };
  await expect(compressSegment(options as Parameters<typeof compressSegment>[0])).rejects.toThrow(type);
});
