import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  formatMetadata,
  formatWavHeader,
  type PcmFormat,
  PcmReader,
  parseMetadata,
  parseWavHeader,
} from "../src/index.js";
import { ffmpeg, ffprobe } from "./ffmpeg.js";
import { kitchen } from "./recordings.js";
import { join, wavFile } from "./riff-files.js";
import { bytesOf, cut, hardSignal, largestDifference, noise, samplesOf } from "./samples.js";

const RATE = 16_000;
const folder = mkdtempSync(joinPath(tmpdir(), "audio-wav-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Every sample of every file that ffmpeg decodes, as s16le. */
function decoded(file: Uint8Array): Int16Array {
  return samplesOf(ffmpeg(["-i", "pipe:0", "-f", "s16le", "-c:a", "pcm_s16le", "pipe:1"], file));
}

/** The same from PcmReader, from a file read in pieces of a stream. */
function readAll(file: Uint8Array): Int16Array {
  const header = parseWavHeader(file)!;
  const reader = new PcmReader(header);
  const data = file.subarray(header.dataOffset, header.dataOffset + header.dataBytes);
  const pieces = cut(data, [4096, 1, 777]).map((piece) => reader.push(piece).slice());
  expect(reader.bufferedBytes).toBe(0);
  return samplesOf(join(...pieces.map(bytesOf)));
}

/** A WAV that ffmpeg encodes from noise that passes full scale. */
function encoded(codec: string, channels: number, path?: string, ...options: string[]): Uint8Array {
  const source = ["-f", "f64le", "-ar", `${RATE}`, "-ac", `${channels}`, "-i", "pipe:0"];
  const args = [...source, "-c:a", codec, ...options, "-f", "wav", "-y", path ?? "pipe:1"];
  const output = ffmpeg(args, bytesOf(hardSignal(channels * 5000)));
  return path === undefined ? output : readFileSync(path);
}

/**
 * ffmpeg computes a nibble's difference as (2n + 1) · step >> 3 where the IMA reference truncates each of its terms;
 * so the two drift apart by up to 2 a sample until the next block's header. They agree on the nibbles 0, 4, 8, 12.
 */
const IMA_DRIFT = 40;

const encodings = [
  ["pcm_u8", 0],
  ["pcm_s16le", 0],
  ["pcm_s24le", 1],
  ["pcm_s32le", 1],
  ["pcm_f32le", 1],
  ["pcm_f64le", 1],
  ["pcm_alaw", 0],
  ["pcm_mulaw", 0],
  ["adpcm_ima_wav", IMA_DRIFT],
] as const;
const cases = encodings.flatMap(([codec, tolerance]) =>
  [1, 2].map((channels) => ({ codec, channels, tolerance })),
);

describe("PcmReader decodes as ffmpeg does", () => {
  it.each([
    ...cases,
    { codec: "pcm_s16le", channels: 8, tolerance: 0 },
    { codec: "pcm_s24le", channels: 6, tolerance: 1 },
  ])("$codec, $channels channels: file and pipe", ({ codec, channels, tolerance }) => {
    const file = encoded(codec, channels, joinPath(folder, "encoded.wav"));
    const expected = decoded(file);
    expect(expected.length).toBeGreaterThanOrEqual(channels * 5000);
    expect(parseWavHeader(file)?.dataBytes).toBeLessThan(file.byteLength);
    expect(largestDifference(readAll(file), expected)).toBeLessThanOrEqual(tolerance);

    const piped = encoded(codec, channels);
    expect(parseWavHeader(piped)?.dataBytes).toBe(Infinity);
    expect(largestDifference(readAll(piped), expected)).toBeLessThanOrEqual(tolerance);
  });

  it("RF64: file and pipe", () => {
    const expected = decoded(encoded("pcm_s16le", 2));
    const file = encoded("pcm_s16le", 2, joinPath(folder, "rf64.wav"), "-rf64", "always");
    expect(Buffer.from(file.subarray(0, 4)).toString()).toBe("RF64");
    expect(parseWavHeader(file)?.dataBytes).toBe(expected.byteLength);
    expect(largestDifference(readAll(file), expected)).toBe(0);
    // Its ds64 then holds zeros, of which ffmpeg itself reads no sample
    const piped = encoded("pcm_s16le", 2, undefined, "-rf64", "always");
    expect(parseWavHeader(piped)?.dataBytes).toBe(Infinity);
    expect(largestDifference(readAll(piped), expected)).toBe(0);
  });

  it.each([1, 2])("IMA ADPCM blocks of %i channels, exactly, the last one short", (channels) => {
    const blockAlign = 4 * channels + 8 * channels * 9;
    const random = noise(blockAlign * 2.5, channels);
    const data = Uint8Array.from(random, (x, i) => {
      const inBlock = i % blockAlign;
      if (inBlock >= 4 * channels) return ((x + 1) * 128) & 0xcc;
      return inBlock % 4 === 2 ? (x + 1) * 44 : inBlock % 4 === 3 ? 0 : (x + 1) * 128;
    });
    const shortest = data.subarray(0, data.byteLength - ((data.byteLength - 4 * channels) % (8 * channels)));
    const samplesPerBlock = 1 + 16 * 9;
    const extension = [2, 0, samplesPerBlock, 0];
    const file = wavFile({ tag: 0x11, channels, bitsPerSample: 4, blockAlign, extension }, shortest);
    expect(largestDifference(readAll(file), decoded(file))).toBe(0);
  });
});

const formats = ([16, 24, 32] as const).flatMap((bitsPerSample) =>
  [1, 2, 8].flatMap((channels) => [true, false].map((named) => ({ bitsPerSample, channels, named }))),
);

describe("ffmpeg and ffprobe read what we write", () => {
  it.each(formats)(
    "$bitsPerSample bits, $channels channels, metadata $named",
    ({ bitsPerSample, channels, named }) => {
      const frames = 801;
      const codec = `pcm_s${bitsPerSample}le`;
      const source = ["-f", "f64le", "-ar", `${RATE}`, "-ac", `${channels}`, "-i", "pipe:0"];
      const audio = ffmpeg(
        [...source, "-c:a", codec, "-f", `s${bitsPerSample}le`, "pipe:1"],
        bytesOf(hardSignal(frames * channels)),
      );
      const metadata = named
        ? formatMetadata(kitchen, audio.byteLength)
        : new Uint8Array(audio.byteLength & 1);
      const format: PcmFormat = { sampleRate: RATE, channels, bitsPerSample };
      const file = join(formatWavHeader(format, audio.byteLength, metadata.byteLength), audio, metadata);
      const path = joinPath(folder, "written.wav");
      writeFileSync(path, file);

      const raw = ffmpeg(["-i", path, "-c:a", codec, "-f", `s${bitsPerSample}le`, "pipe:1"]);
      expect(Buffer.compare(raw, audio)).toBe(0);
      const probe = ffprobe(path);
      expect(probe.streams).toMatchObject([
        { codec_name: codec, sample_rate: `${RATE}`, channels, duration_ts: frames },
      ]);
      if (!named) return;
      expect(probe.format.tags).toMatchObject({
        time_reference: `${(22 * 3600 + 7 * 60 + 2) * RATE + 1975}`,
        artist: "kitchen",
        title: "device kitchen, stream 7, websocket, 2026-11-21 22:07:02",
        date: "2026-11-21T21:07:02.123456Z",
        encoder: kitchen.software,
      });
    },
  );

  it("a file in progress, whose header claims less than is there", () => {
    const format: PcmFormat = { sampleRate: RATE, channels: 1, bitsPerSample: 16 };
    const audio = bytesOf(Int16Array.from(hardSignal(400), (x) => x * 20_000));
    const file = join(formatWavHeader(format, 600), audio);
    expect(largestDifference(decoded(file), samplesOf(audio.subarray(0, 600)))).toBe(0);
  });

  it("our metadata survives ffmpeg's copy", () => {
    const path = joinPath(folder, "original.wav");
    const metadata = formatMetadata(kitchen, 6);
    const format: PcmFormat = { sampleRate: RATE, channels: 1, bitsPerSample: 16 };
    writeFileSync(path, join(formatWavHeader(format, 6, metadata.byteLength), new Uint8Array(6), metadata));
    const copy = ffmpeg(["-i", path, "-c", "copy", "-f", "wav", "pipe:1"]);
    expect(parseMetadata(copy.subarray(36))).toEqual(kitchen);
  });
});
