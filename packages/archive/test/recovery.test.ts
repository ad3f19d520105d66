import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { formatFrame } from "@audio/protocol";
import { formatWavHeader, parseMetadata, parseWavHeader, WAV_HEADER_BYTES } from "@audio/wav";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type RecoveredFile, recoverParts } from "../src/index.js";
import {
  audioOf,
  binFiles,
  contentOf,
  type Damage,
  damaged,
  damages,
  frameBytes,
  put,
  wavFiles,
} from "./support/recordings.js";
import { filesBelow, temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const MONO = { sampleRate: 16_000, channels: 1, bitsPerSample: 16 } as const;
const AUDIO = Buffer.alloc(6400, 5);
const WAV = Buffer.concat([formatWavHeader(MONO, 0), AUDIO]);
const FRAME = formatFrame("pcm16", 0, new Uint8Array(640).fill(5));

async function recover(folder: string): Promise<RecoveredFile[]> {
  const files: RecoveredFile[] = [];
  for await (const file of recoverParts(folder)) files.push(file);
  return files;
}

/** Everything that can be seen of a folder's files. */
function snapshot(folder: string): Record<string, unknown> {
  const entries = filesBelow(folder).map((path) => [
    path,
    [contentOf(folder, path).toString("hex"), statSync(join(folder, path)).mtimeMs],
  ]);
  return Object.fromEntries(entries);
}

function isCut(damage: Damage): damage is { cut: number } {
  return "cut" in damage;
}

describe("a WAV that was cut anywhere, or has anything behind it", () => {
  it("keeps its audio to the last whole sample frame, under a header that counts it", async () => {
    await fc.assert(
      fc.asyncProperty(wavFiles, damages, async ({ format, audio, file }, damage) => {
        const folder = newFolder();
        const found = damaged(file, damage);
        put(folder, "a/x.wav.part", found);
        const [{ outcome, bytes, cutBytes }] = await recover(folder);
        const there = Math.max(0, Math.min(audio.length, found.length - WAV_HEADER_BYTES));
        const whole = there - (there % frameBytes(format));
        if (outcome === "empty") {
          expect(whole).toBe(0);
          expect(filesBelow(folder)).toEqual([]);
          return;
        }
        const repaired = contentOf(folder, "a/x.wav");
        expect(outcome).toBe("recovered");
        expect(bytes).toBe(repaired.length);
        expect(bytes + cutBytes).toBe(found.length);
        expect(audioOf(repaired).subarray(0, whole).equals(audio.subarray(0, whole))).toBe(true);
        expect(audioOf(repaired).length % frameBytes(format)).toBe(0);
        if (isCut(damage)) expect(audioOf(repaired).length).toBe(whole);
        expect(parseWavHeader(repaired)).toMatchObject(format);
      }),
      { numRuns: 250 },
    );
  });

  it("keeps its metadata when it is complete, and loses only what stands behind", async () => {
    await fc.assert(
      fc.asyncProperty(wavFiles, fc.uint8Array({ maxLength: 50 }), async ({ audio, file }, garbage) => {
        fc.pre(audio.length > 0 && file.length > WAV_HEADER_BYTES + audio.length);
        const folder = newFolder();
        put(folder, "x.wav.part", Buffer.concat([file, garbage]));
        await recover(folder);
        const repaired = contentOf(folder, "x.wav");
        expect(repaired.equals(file)).toBe(true);
        expect(parseMetadata(repaired.subarray(WAV_HEADER_BYTES + audio.length))?.software).toBe("test");
      }),
      { numRuns: 60 },
    );
  });
});

describe("a .bin that was cut anywhere, or has anything behind it", () => {
  it("keeps its whole frames, and nothing else", async () => {
    await fc.assert(
      fc.asyncProperty(binFiles, damages, async ({ preamble, frames, file }, damage) => {
        const folder = newFolder();
        const found = damaged(file, damage);
        put(folder, "x.bin.part", found);
        const [{ outcome, reason }] = await recover(folder);
        const whole = frames.filter(
          (_, i) => found.length >= preamble.length + lengthOf(frames.slice(0, i + 1)),
        );
        const kept = whole.length === 0 ? [] : [preamble, ...whole];
        const left = filesBelow(folder).filter((path) => path.endsWith(".bin"));
        expect(Buffer.concat(left.map((path) => contentOf(folder, path))).equals(Buffer.concat(kept))).toBe(
          true,
        );
        if (outcome === "quarantined")
          expect([whole.length, reason]).toEqual([0, expect.stringContaining("no frame at byte")]);
        else expect(outcome).toBe(whole.length === 0 ? "empty" : "recovered");
      }),
      { numRuns: 250 },
    );
  });

  it("may be larger than what is read at a time, with frames of any size", async () => {
    const folder = newFolder();
    const frames = Array.from({ length: 40 }, (_, seq) =>
      formatFrame("pcm16", seq, new Uint8Array(seq === 17 ? 1_048_564 : 97_003).fill(seq)),
    );
    put(folder, "x.bin.part", Buffer.concat([...frames, frames[0].subarray(0, 5000)]));
    const [{ cutBytes }] = await recover(folder);
    expect(cutBytes).toBe(5000);
    expect(contentOf(folder, "x.bin").equals(Buffer.concat(frames))).toBe(true);
  });
});

function lengthOf(frames: readonly Uint8Array[]): number {
  return frames.reduce((sum, frame) => sum + frame.length, 0);
}

describe("a data directory after a crash", () => {
  const names = fc.uniqueArray(fc.constantFrom("a", "a_2", "d/a", "d/e/b", "2026-11-21/x", "received/y"), {
    minLength: 1,
    maxLength: 4,
  });
  const segment = fc.record({
    wav: fc.option(fc.tuple(wavFiles, damages)),
    bin: fc.option(fc.tuple(binFiles, damages)),
  });

  it("is repaired once and for all; no finished file is touched", async () => {
    await fc.assert(
      fc.asyncProperty(names, fc.array(segment, { minLength: 4, maxLength: 4 }), async (stems, segments) => {
        const folder = newFolder();
        for (const finished of ["a.flac", "d/a.wav", "d/a.bin", "d/notes.txt", "x.part"])
          put(folder, finished, `precious ${finished}`);
        for (const [i, stem] of stems.entries()) {
          const { wav, bin } = segments[i];
          if (wav !== null) put(folder, `${stem}.wav.part`, damaged(wav[0].file, wav[1]));
          if (bin !== null) put(folder, `${stem}.bin.part`, damaged(bin[0].file, bin[1]));
        }
        const parts = filesBelow(folder).filter((path) => /\.(wav|bin)\.part$/.test(path));
        const finished = Object.entries(snapshot(folder)).filter(([path]) => !parts.includes(path));
        const recovered = await recover(folder);
        expect(recovered.map(({ part }) => part.slice(folder.length + 1)).sort()).toEqual(parts);
        const after = snapshot(folder);
        expect(Object.fromEntries(finished)).toEqual(
          Object.fromEntries(finished.map(([path]) => [path, after[path]])),
        );
        expect(
          Object.keys(after).filter(
            (path) => /\.(wav|bin)\.part$/.test(path) && !path.startsWith("quarantine/"),
          ),
        ).toEqual([]);
        expect(await recover(folder)).toEqual([]);
        expect(snapshot(folder)).toEqual(after);
      }),
      { numRuns: 150 },
    );
  });

  it("yields segment by segment, each with what became of it", async () => {
    const folder = newFolder();
    put(folder, "d/x.wav.part", Buffer.concat([WAV, Buffer.of(1)]));
    put(folder, "d/x.bin.part", Buffer.concat([FRAME, FRAME.subarray(0, 100)]));
    put(folder, "d/y.wav.part", formatWavHeader(MONO, 0));
    const part = (name: string) => join(folder, "d", `${name}.part`);
    expect(await recover(folder)).toEqual([
      {
        part: part("x.bin"),
        outcome: "recovered",
        path: join(folder, "d/x.bin"),
        bytes: 652,
        audioBytes: 652,
        cutBytes: 100,
        reason: undefined,
      },
      {
        part: part("x.wav"),
        outcome: "recovered",
        path: join(folder, "d/x.wav"),
        bytes: 6444,
        audioBytes: 6400,
        cutBytes: 1,
        reason: undefined,
      },
      {
        part: part("y.wav"),
        outcome: "empty",
        path: undefined,
        bytes: 0,
        audioBytes: 0,
        cutBytes: 44,
        reason: undefined,
      },
    ]);
  });

  it("is left alone when nothing is in progress", async () => {
    const folder = newFolder();
    mkdirSync(join(folder, "audio/2026-11-21"), { recursive: true });
    put(folder, "audio/2026-11-21/x.wav", WAV);
    expect(await recover(folder)).toEqual([]);
  });
});
