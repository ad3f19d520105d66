import { createReadStream, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compressSegment } from "../src/compress-segment.js";
import { type CompressedFormat, type DecodeOptions, decodeAudio } from "../src/decode.js";
import { findFfmpeg } from "../src/ffmpeg.js";
import { readTags } from "../src/tags/read-tags.js";
import { MONO_16K, recording, temporaryFolder } from "./support/recordings.js";

const ffmpeg = await findFfmpeg({ encoders: ["flac", "libopus"] });
const folder = temporaryFolder();

async function compressed(format: CompressedFormat, pcm = MONO_16K, samples = 5 * pcm.sampleRate + 11) {
  const original = recording(folder(), pcm, samples);
  const { output } = await compressSegment({ ffmpeg, input: original.path, format });
  return { ...original, output };
}

async function decode(input: string | AsyncIterable<Uint8Array>, options: DecodeOptions): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of decodeAudio(ffmpeg, input, options)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

describe.each([MONO_16K, { sampleRate: 11_025, channels: 3, bitsPerSample: 24 as const }])(
  "a FLAC of $sampleRate Hz, $channels channels",
  async (format) => {
    const { output, pcm, samples } = await compressed("flac", format);
    const frameBytes = (format.channels * format.bitsPerSample) / 8;
    const options = { format: "flac" as const, ...format };

    test("gives any stretch of it, sample for sample, from a file and from a stream", async () => {
      const stretch = fc.tuple(fc.nat(samples + 5), fc.nat(samples), fc.boolean());
      const property = fc.asyncProperty(stretch, async ([from, count, streamed]) => {
        const input = streamed ? createReadStream(output) : output;
        const part = await decode(input, { ...options, from, samples: count });
        const expected = pcm.subarray(from * frameBytes, (from + count) * frameBytes);
        expect(part.equals(expected)).toBe(true);
      });
      await fc.assert(property, { numRuns: 20, examples: [[[0, samples, false]], [[samples - 1, 9, true]]] });
    });

    test("comes in whole sample frames", async () => {
      for await (const chunk of decodeAudio(ffmpeg, output, { ...options, from: 1 })) {
        expect(chunk.byteLength % frameBytes).toBe(0);
      }
    });
  },
);

describe("an Opus file", async () => {
  const { output, samples } = await compressed("opus");
  const options = { format: "opus" as const, ...MONO_16K };
  const whole = await decode(output, options);

  test("has the recording's length at the recording's rate", () => {
    expect(Math.abs(whole.byteLength / 2 - samples)).toBeLessThanOrEqual(2);
  });

  test.each([0, 1, 15_999, 16_000, 31_999, 50_000, 79_000])(
    "from sample %i on sounds as it does in the whole",
    async (from) => {
      const part = await decode(output, { ...options, from, samples: 800 });
      expect(part.byteLength).toBe(1600);
      for (let i = 0; i < 800; i++) {
        const difference = part.readInt16LE(i * 2) - whole.readInt16LE((from + i) * 2);
        expect(Math.abs(difference)).toBeLessThan(200); // of 32767; with the wrong place it is some thousands
      }
    },
  );

  test("comes from a stream as from a file", async () => {
    expect((await decode(createReadStream(output), options)).equals(whole)).toBe(true);
  });
});

describe("decodeAudio", async () => {
  const { output } = await compressed("flac", MONO_16K, 600 * 16_000);
  const options = { format: "flac" as const, ...MONO_16K };

  test("ends when its reader leaves, and when the signal says so", async () => {
    for await (const chunk of decodeAudio(ffmpeg, output, options)) {
      expect(chunk.byteLength).toBeLessThanOrEqual(65_536);
      break;
    }
    const stop = new AbortController();
    const reading = (async () => {
      for await (const _ of decodeAudio(ffmpeg, output, { ...options, signal: stop.signal })) stop.abort();
    })();
    await expect(reading).rejects.toMatchObject({ name: "AbortError" });
    const late = decode(output, { ...options, signal: stop.signal });
    await expect(late).rejects.toBe(stop.signal.reason);
  });

  test("says what ffmpeg says of a file that is none", async () => {
    const path = join(dirname(output), "none.flac");
    writeFileSync(path, "#EXTM3U\nfile:///etc/passwd\n");
    const reading = decode(path, options);
    await expect(reading).rejects.toMatchObject({ code: "decode-failed" });
    await expect(reading).rejects.toThrow(/^ffmpeg cannot decode .*none\.flac as flac: ./);
    await expect(decode(join(path, "nowhere"), options)).rejects.toMatchObject({ code: "decode-failed" });
  });

  test("throws what its input throws", async () => {
    const broken = async function* () {
      yield readFileSync(output).subarray(0, 50_000);
      throw new Error("the store is gone");
    };
    await expect(decode(broken(), options)).rejects.toThrow("the store is gone");
  });

  test("closes an input that it does not need to the end", async () => {
    let closed = false;
    const endless = async function* () {
      try {
        yield readFileSync(output);
        for (;;) yield Buffer.alloc(65_536);
      } finally {
        closed = true;
      }
    };
    expect((await decode(endless(), { ...options, samples: 100 })).byteLength).toBe(200);
    await expect.poll(() => closed, { timeout: 20_000 }).toBe(true);
  });

  test.each([
    [{ sampleRate: 0 }, "sampleRate is 0"],
    [{ channels: 9 }, "channels is 9"],
    [{ from: -1 }, "from is -1"],
    [{ samples: 0.5 }, "samples is 0.5"],
  ])("refuses %j", async (wrong, message) => {
    await expect(decode(output, { ...options, ...wrong })).rejects.toThrow(message);
  });

  test("a file's length is known without it", async () => {
    expect((await readTags(output)).samples).toBe(600 * 16_000);
  });
});
