import { createWriteStream, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import type { PcmFormat } from "@audio/wav";
import { beforeAll, describe, expect, it } from "vitest";
import { decodeAudio, encodeAudio, findFfmpeg, readTags } from "../src/index.js";
import { MONO_16K, metadataOf, sound, temporaryFolder } from "./support/recordings.js";

const newFolder = temporaryFolder();
let ffmpeg: string;
beforeAll(async () => {
  ffmpeg = await findFfmpeg();
});

const STEREO_24: PcmFormat = { sampleRate: 44_100, channels: 2, bitsPerSample: 24 };

async function* inChunks(bytes: Buffer, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function decoded(path: string, format: "flac" | "opus", kind: PcmFormat): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of decodeAudio(ffmpeg, path, { format, ...kind })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe("encodeAudio", () => {
  it.each([MONO_16K, STEREO_24])("makes a FLAC of the same samples, with its tags: %o", async (kind) => {
    const pcm = sound(kind, kind.sampleRate);
    const path = join(newFolder(), "a.flac");
    const metadata = metadataOf(kind, kind.sampleRate);
    await encodeAudio(ffmpeg, inChunks(pcm), path, { format: "flac", ...kind, metadata });
    expect((await decoded(path, "flac", kind)).equals(pcm)).toBe(true);
    expect(await readTags(path)).toEqual({ format: "flac", ...kind, samples: kind.sampleRate, metadata });
  });

  it("makes an Opus file of the same length", async () => {
    const path = join(newFolder(), "a.opus");
    const pcm = sound(MONO_16K, 32_000);
    await encodeAudio(ffmpeg, inChunks(pcm), path, { format: "opus", opusKbps: 32, ...MONO_16K });
    expect(Math.abs((await decoded(path, "opus", MONO_16K)).length - pcm.length)).toBeLessThanOrEqual(4);
    expect(statSync(path).size).toBeLessThan(16_000);
  });

  it("writes into a stream, and leaves it open", async () => {
    const path = join(newFolder(), "streamed.flac");
    const stream = createWriteStream(path);
    const pcm = sound(MONO_16K, 50_000);
    await encodeAudio(ffmpeg, inChunks(pcm), stream, { format: "flac", ...MONO_16K });
    await new Promise((resolve) => stream.end(resolve));
    expect((await decoded(path, "flac", MONO_16K)).equals(pcm)).toBe(true);
  });

  it("refuses what the format would not keep", async () => {
    const path = join(newFolder(), "a.flac");
    const made = (kind: PcmFormat) =>
      encodeAudio(ffmpeg, inChunks(Buffer.alloc(0)), path, { format: "flac", ...kind });
    const unsupported = { code: "unsupported-format" };
    await expect(made({ ...MONO_16K, bitsPerSample: 32 })).rejects.toMatchObject(unsupported);
    await expect(made({ ...MONO_16K, channels: 9 })).rejects.toMatchObject(unsupported);
    await expect(made({ ...MONO_16K, sampleRate: 100_001 })).rejects.toMatchObject(unsupported);
  });

  it("fails as its input fails", async () => {
    async function* broken() {
      yield new Uint8Array(64_000);
      throw new Error("the archive is gone");
    }
    const made = encodeAudio(ffmpeg, broken(), join(newFolder(), "a.flac"), { format: "flac", ...MONO_16K });
    await expect(made).rejects.toThrow("the archive is gone");
  });

  it("fails as its output fails", async () => {
    const made = (output: string | Writable) =>
      encodeAudio(ffmpeg, inChunks(sound(MONO_16K, 160_000)), output, { format: "flac", ...MONO_16K });
    await expect(made(join(newFolder(), "no", "folder.flac"))).rejects.toMatchObject({
      code: "encode-failed",
    });
    const gone = new Writable({ write: (_chunk, _encoding, done) => done(new Error("nobody reads")) });
    await expect(made(gone)).rejects.toThrow("nobody reads");
    await expect(made("/dev/full")).rejects.toMatchObject({ code: "disk-full" });
  });

  it("ends with a signal", async () => {
    const stop = new AbortController();
    async function* endless() {
      for (;;) yield new Uint8Array(64_000);
    }
    const output = new PassThrough();
    output.once("data", () => stop.abort(new Error("enough"))).resume();
    const options = { format: "flac", ...MONO_16K, signal: stop.signal } as const;
    await expect(encodeAudio(ffmpeg, endless(), output, options)).rejects.toThrow("enough");
  });

  it("needs an ffmpeg", async () => {
    const path = join(newFolder(), "a.flac");
    const made = encodeAudio("/no/ffmpeg", inChunks(Buffer.alloc(320)), path, {
      format: "flac",
      ...MONO_16K,
    });
    await expect(made).rejects.toMatchObject({ code: "ffmpeg-missing" });
    expect(() => readFileSync(path)).toThrow("ENOENT");
  });
});
