import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { PcmFormat } from "@audio/wav";
import { describe, expect, test } from "vitest";
import { compressSegment } from "../src/compress-segment.js";
import { decodeAudio } from "../src/decode.js";
import { findFfmpeg } from "../src/ffmpeg.js";
import { readTags } from "../src/tags/read-tags.js";
import { recording, temporaryFolder } from "./support/recordings.js";

const ffmpeg = await findFfmpeg({ encoders: ["flac", "libopus"] });
const folder = temporaryFolder();

const FORMATS: PcmFormat[] = [
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((channels) => ({
    sampleRate: 16_000,
    channels,
    bitsPerSample: 16 as const,
  })),
  ...[1, 2, 6, 8].map((channels) => ({ sampleRate: 48_000, channels, bitsPerSample: 24 as const })),
  ...[1000, 7999, 8000, 11_025, 22_050, 44_100, 65_534, 96_000, 192_000, 384_000].map((sampleRate) => ({
    sampleRate,
    channels: 1,
    bitsPerSample: 16 as const,
  })),
];

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

async function decoded(path: string, format: "flac" | "opus", pcm: PcmFormat): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of decodeAudio(ffmpeg, path, { format, ...pcm })) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

describe.each(FORMATS)("$sampleRate Hz, $channels channels, $bitsPerSample bits", (format) => {
  test("FLAC holds every sample, and says so", async () => {
    const { path, pcm, metadata, samples } = recording(
      folder(),
      format,
      Math.min(format.sampleRate, 48_000) + 7,
    );
    const done = await compressSegment({ ffmpeg, input: path, format: "flac", deleteOriginal: true });
    expect((await decoded(done.output, "flac", format)).equals(pcm)).toBe(true);
    expect(await readTags(done.output)).toEqual({ format: "flac", ...format, samples, metadata });
    expect(readdirSync(join(path, ".."))).toEqual(["speech.flac"]);
    expect(done).toMatchObject({ originalDeleted: true, already: false, pcmSha256: sha256(pcm) });
    expect(done.sha256).toBe(sha256(readFileSync(done.output)));
    expect(done.bytesAfter).toBe(statSync(done.output).size);
    const probed = execFileSync("soxi", ["-s", done.output], { encoding: "utf8" });
    expect(Number(probed)).toBe(samples);
  });

  test("Opus lasts as long, and every channel keeps its place", async () => {
    const { path, metadata, samples } = recording(folder(), format);
    const done = await compressSegment({ ffmpeg, input: path, format: "opus" });
    const { channels, sampleRate } = format;
    const tags = await readTags(done.output);
    expect(tags).toMatchObject({ format: "opus", sampleRate: 48_000, channels, metadata });
    expect(Math.abs(tags.samples! / 48_000 - samples / sampleRate)).toBeLessThan(0.001);
    const out = await decoded(done.output, "opus", { ...format, bitsPerSample: 16 });
    expect(Math.abs(out.byteLength / 2 / channels - samples)).toBeLessThanOrEqual(
      Math.ceil(sampleRate / 10_000),
    );
    if (sampleRate >= 8000) {
      const tones = Array.from({ length: channels }, (_, channel) => strongestTone(out, format, channel));
      expect(tones).toEqual(tones.map((_, channel) => channel));
    }
    expect(statSync(path).size).toBe(done.bytesBefore);
  });
});

/** Which channel's tone is the strongest in a channel (Goertzel). */
function strongestTone(pcm: Buffer, { sampleRate, channels }: PcmFormat, channel: number): number {
  const samples = new Int16Array(pcm.buffer, pcm.byteOffset, pcm.byteLength / 2);
  const powers = Array.from({ length: channels }, (_, tone) => {
    const step = (2 * Math.PI * (200 + 90 * tone)) / sampleRate;
    let re = 0;
    let im = 0;
    for (let i = 0; i < sampleRate; i++) {
      const sample = samples[i * channels + channel];
      re += sample * Math.cos(step * i);
      im += sample * Math.sin(step * i);
    }
    return re * re + im * im;
  });
  return powers.indexOf(Math.max(...powers));
}
