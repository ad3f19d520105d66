import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseRecord, type RecordingMetadata, recordingTags } from "@audio/wav";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compressSegment } from "../src/compress-segment.js";
import { CompressError } from "../src/errors.js";
import { findFfmpeg } from "../src/ffmpeg.js";
import { pageCrc } from "../src/tags/ogg.js";
import { readTags } from "../src/tags/read-tags.js";
import { MONO_16K, metadataOf, recording, temporaryFolder } from "./support/recordings.js";

const ffmpeg = await findFfmpeg({ encoders: ["flac", "libopus"] });
const folder = temporaryFolder();
const dir = folder();
const original = recording(dir);

async function withMetadata(format: "flac" | "opus", metadata: RecordingMetadata) {
  const output = join(folder(), `tagged.${format}`);
  await compressSegment({ ffmpeg, input: original.path, output, format, metadata });
  return output;
}

const manyGaps = (count: number): RecordingMetadata => ({
  ...original.metadata,
  gaps: Array.from({ length: count }, (_, i) => ({
    startUs: 1_790_000_000_000_000 + i * 1_000_000,
    samples: 320,
    cause: "lost-frames",
    filled: true,
  })),
});

describe.each(["flac", "opus"] as const)("the tags of %s", (format) => {
  test("tell a player what it is, and us everything", async () => {
    const output = await withMetadata(format, original.metadata);
    const args = ["-v", "error", "-of", "json", "-show_entries", "format_tags:stream_tags", output];
    const { format: file, streams } = JSON.parse(execFileSync("ffprobe", args, { encoding: "utf8" }));
    const found = Object.entries({ ...file?.tags, ...streams?.[0]?.tags } as Record<string, string>);
    const tags = Object.fromEntries(found.map(([name, text]) => [name.toLowerCase(), text]));
    const { title, artist, date, software, comment } = recordingTags(original.metadata);
    expect(tags).toMatchObject({ title, artist, date, software, comment });
    expect(parseRecord(tags.comment)).toEqual(original.metadata);
  });

  test("hold a thousand gaps, and count those that they do not list", async () => {
    const output = await withMetadata(format, manyGaps(1500));
    const { metadata } = await readTags(output);
    expect(metadata?.gaps).toEqual(manyGaps(1000).gaps);
    expect(metadata?.omittedGaps).toBe(500);
  });

  test("hold any name", { timeout: 120_000 }, async () => {
    const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 80 });
    const property = fc.asyncProperty(name, name, async (device, cause) => {
      const gaps = [{ startUs: 1, samples: 1, cause, filled: false }];
      const metadata = { ...metadataOf(MONO_16K, 3), device, gaps };
      expect((await readTags(await withMetadata(format, metadata))).metadata).toEqual(metadata);
    });
    const examples: [string, string][] = [
      ["a=b;c#d\\e\nf[STREAM]\r\0", "\\\\"],
      ["[CHAPTER]", ";FFMETADATA1"],
    ];
    await fc.assert(property, { numRuns: 8, examples });
  });
});

describe("readTags on hostile files", async () => {
  const files = {
    flac: readFileSync(await withMetadata("flac", manyGaps(30))),
    opus: readFileSync(await withMetadata("opus", manyGaps(1000))),
  };
  const path = join(dir, "hostile");
  const read = (bytes: Uint8Array) => {
    writeFileSync(path, bytes);
    return readTags(path);
  };

  const outcome = async (bytes: Uint8Array) => {
    try {
      const { sampleRate, channels, samples = 0 } = await read(bytes);
      expect([sampleRate, channels].every((n) => Number.isInteger(n) && n > 0)).toBe(true);
      expect(Number.isSafeInteger(samples) && samples >= 0).toBe(true);
    } catch (error) {
      expect(error).toBeInstanceOf(CompressError);
      expect((error as CompressError).code).toBe("invalid-audio");
    }
  };

  test.each(["flac", "opus"] as const)("%s cut anywhere", async (format) => {
    const cut = fc.asyncProperty(fc.nat(files[format].byteLength), async (length) => {
      await outcome(files[format].subarray(0, length));
    });
    await fc.assert(cut, { numRuns: 200 });
  });

  test.each(["flac", "opus"] as const)("%s with any bytes in its front", async (format) => {
    const patch = fc.tuple(fc.nat(600), fc.uint8Array({ minLength: 1, maxLength: 8 }));
    const property = fc.asyncProperty(fc.array(patch, { minLength: 1, maxLength: 4 }), async (patches) => {
      const bytes = Buffer.from(files[format]);
      for (const [at, values] of patches) bytes.set(values, at);
      if (format === "opus") bytes.writeUInt32LE(pageCrc(bytes.subarray(0, 47)), 22);
      await outcome(bytes);
    });
    await fc.assert(property, { numRuns: 300 });
  });

  test("an Opus file that was cut knows its length up to the last whole page", async () => {
    const { samples } = await read(files.opus);
    const cut = (await read(files.opus.subarray(0, -1))).samples;
    expect(samples).toBe(96_000);
    expect(cut === undefined || cut < 96_000).toBe(true);
  });

  test("one that claims comments of gigabytes is read at once", async () => {
    const bytes = Buffer.from(files.flac);
    const at = bytes.indexOf("Lavf") - 4;
    bytes.writeUInt32LE(0xffff_fff0, at);
    expect(await read(bytes)).toMatchObject({ sampleRate: 16_000, metadata: undefined });
  });

  test("a tail of nothing but page beginnings is given up", async () => {
    const serial = files.opus.subarray(14, 18);
    const page = Buffer.concat([
      Buffer.from("OggS\0\0"),
      Buffer.alloc(8, 1),
      serial,
      Buffer.alloc(8),
      Buffer.of(255),
    ]);
    const tail = Buffer.concat(
      Array.from({ length: 6000 }, () => Buffer.concat([page, Buffer.alloc(255, 255)])),
    );
    expect((await read(Buffer.concat([files.opus, tail]))).samples).toBeUndefined();
  });

  test.each([
    ["nothing", ""],
    ["a playlist", "#EXTM3U\n"],
    ["a bare magic", "fLaC"],
    ["an Ogg of something else", Buffer.from("OggS")],
  ])("%s is no recording", async (_, bytes) => {
    await expect(read(Buffer.from(bytes))).rejects.toMatchObject({ code: "invalid-audio" });
  });

  test("nothing but a regular file is opened", async () => {
    const pipe = join(folder(), "pipe.flac");
    execFileSync("mkfifo", [pipe]);
    await expect(readTags(pipe)).rejects.toMatchObject({ code: "file-unreadable" });
    await expect(readTags(join(dir, "nowhere.flac"))).rejects.toMatchObject({ code: "file-unreadable" });
  });
});
