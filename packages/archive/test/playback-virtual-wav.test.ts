import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatMetadata, parseMetadata } from "@audio/wav";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planRange } from "../src/playback/plan.js";
import { openVirtualWav } from "../src/playback/virtual-wav.js";
import { joined, noise } from "./support/playing.js";
import { metadataOf } from "./support/recordings.js";
import { EVENING, putWav, SECOND, segment } from "./support/segments.js";
import { temporaryFolder } from "./support/temporary.js";

const dataDir = temporaryFolder()();
const RATE = 1000;
const FORMAT = { sampleRate: RATE, channels: 3, bitsPerSample: 24 } as const;
const FRAME = 9;
const input = noise(8 * RATE * FRAME);
const segments = [0, 4].map((seconds, i) =>
  segment({
    ...FORMAT,
    stem: `w${i}`,
    samples: (i === 0 ? 2 : 4) * RATE,
    startUs: EVENING + seconds * SECOND,
  }),
);
putWav(dataDir, segments[0], input.subarray(0, 2 * RATE * FRAME));
putWav(dataDir, segments[1], input.subarray(4 * RATE * FRAME));

const plan = planRange(segments, { fromUs: EVENING, toUs: EVENING + 8 * SECOND, gaps: "silence" })!;
const audio = Buffer.from(input).fill(0, 2 * RATE * FRAME, 4 * RATE * FRAME);
const metadata = metadataOf(FORMAT, 8 * RATE);
const trailer = formatMetadata(metadata, audio.length);
const wav = openVirtualWav(plan, { dataDir }, trailer);

describe("a virtual WAV", () => {
  it("is a file of known size, with its metadata", async () => {
    const whole = await joined(wav.read());
    expect(whole.length).toBe(wav.bytes);
    expect(wav.bytes).toBe(44 + audio.length + trailer.length);
    expect(whole.subarray(44, 44 + audio.length).equals(audio)).toBe(true);
    expect(parseMetadata(whole.subarray(44 + audio.length))).toEqual(metadata);
  });

  it("is one for ffprobe too", async () => {
    const path = join(dataDir, "whole.wav");
    writeFileSync(path, await joined(wav.read()));
    const shown = [
      "-v",
      "error",
      "-of",
      "csv=p=0",
      "-show_entries",
      "stream=codec_name,sample_rate,channels,duration_ts",
    ];
    const found = execFileSync("ffprobe", [...shown, path], { encoding: "utf8" });
    expect(found.trim()).toBe("pcm_s24le,1000,3,8000");
  });

  it("is read at any place", async () => {
    const whole = await joined(wav.read());
    const places = fc.nat(wav.bytes);
    await fc.assert(
      fc.asyncProperty(places, places, async (a, b) => {
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        expect((await joined(wav.read(start, end))).equals(whole.subarray(start, end))).toBe(true);
      }),
      {
        examples: [
          [0, 0],
          [43, 45],
          [44, 44],
          [50, 51],
          [0, 44],
          [wav.bytes - 1, wav.bytes],
          [10, wav.bytes],
        ],
      },
    );
  });

  it("has no bytes before, behind or between its bytes", async () => {
    for (const [start, end] of [
      [-1, 2],
      [5, 4],
      [0, wav.bytes + 1],
      [0.5, 2],
    ])
      await expect(joined(wav.read(start, end))).rejects.toThrow(RangeError);
  });

  it("ends where WAV ends", () => {
    const days = [0, 1].map((i) =>
      segment({ stem: `d${i}`, samples: 86_400 * 8000, startUs: EVENING + i * 86_400 * SECOND }),
    );
    const until = (hours: number) =>
      planRange(days, { fromUs: EVENING, toUs: EVENING + hours * 3600 * SECOND, gaps: "silence" })!;
    expect(openVirtualWav(until(48), { dataDir }).bytes).toBe(44 + 48 * 3600 * 16_000);
    const wide = days.map((one) => ({ ...one, bitsPerSample: 32 }));
    const tooLong = planRange(wide, {
      fromUs: EVENING,
      toUs: EVENING + 48 * 3600 * SECOND,
      gaps: "silence",
    })!;
    expect(() => openVirtualWav(tooLong, { dataDir })).toThrow(
      /5529600000 bytes of audio \(48 h\).*less than 4 GiB \(37.3 h\)/,
    );
  });
});
