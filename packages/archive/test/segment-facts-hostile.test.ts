import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatFrame, formatHandshake } from "@audio/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSegmentFacts } from "../src/scan/segment-facts.js";
import { factsOfFiles, ourWav, plainWav, putFile, VIENNA } from "./support/scene-of-files.js";
import { temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const factsOf = factsOfFiles(newFolder);
const STEM = "received/mic/stream_7_mic_20261121_230102";
const whiteBytes = Uint8Array.from({ length: 640 }, (_, i) => (i * 37) % 256);

describe("a .bin that stands alone", () => {
  const frames = (codec: "pcm16" | "ima-adpcm", bytes: number, seqs: readonly number[]) =>
    Buffer.concat(seqs.map((seq) => formatFrame(codec, seq, Buffer.alloc(bytes))));
  const format = { sampleRate: 8000, channels: 2, codec: "ima-adpcm", frameSamples: 160 } as const;
  const handshake = formatHandshake({ ...format, streamId: 99, timestampMs: 5n });

  it("has the format of its handshake, and what the frames hold", async () => {
    const bin = Buffer.concat([handshake, frames("ima-adpcm", 168, [5, 6, 7])]);
    const { facts } = await factsOf(STEM, { bin });
    expect(facts).toMatchObject({ streamId: 99, sampleRate: 8000, channels: 2, samples: 480, device: "mic" });
    expect(facts?.startUs).toBe(Date.UTC(2026, 10, 21, 22, 1, 2) * 1000);
  });

  it("without one is taken for 16 kHz mono, or what is said", async () => {
    const bin = frames("pcm16", 640, [4_294_967_295, 0, 1, 5]); // three lost
    expect((await factsOf(STEM, { bin })).facts).toMatchObject({ sampleRate: 16_000, samples: 7 * 320 });
    const context = { ...VIENNA, binFormat: { sampleRate: 48_000, channels: 2 } };
    expect((await factsOf(STEM, { bin }, { context })).facts).toMatchObject({
      channels: 2,
      samples: 7 * 160,
    });
    const adpcm = frames("ima-adpcm", 164, [1, 2]);
    expect((await factsOf(STEM, { bin: adpcm })).facts).toMatchObject({ samples: 640 });
  });

  it("is measured up to what is torn, and by its beginning when it is huge", async () => {
    const torn = frames("pcm16", 640, [1, 2, 3]).subarray(0, -1);
    expect((await factsOf(STEM, { bin: torn })).facts).toMatchObject({ samples: 640 });
    const seqs = Array.from({ length: 4000 }, (_, i) => i);
    const huge = frames("pcm16", 6000, seqs);
    expect((await factsOf(STEM, { bin: huge })).facts).toMatchObject({ samples: 4000 * 3000 });
  });

  it("is broken without a frame, or with a handshake that is none", async () => {
    const reason = async (bin: Buffer) => (await factsOf(STEM, { bin })).faults[0]?.reason;
    expect(await reason(Buffer.from("RIFF and so on, no frame"))).toBe("no frame at byte 0");
    expect(await reason(Buffer.from(handshake))).toBe("no frame at byte 32");
    const odd = Buffer.from(handshake);
    odd.writeUInt16LE(7, 18);
    expect(await reason(odd)).toContain("codec 7");
  });
});

describe("hostile files", () => {
  it.each<[string, Uint8Array, string]>([
    ["nothing", Buffer.alloc(0), "ends in its header, at byte 0"],
    ["text", Buffer.from("hello, this is no recording"), "not a WAV file"],
    ["a header that ends", plainWav(0).subarray(0, 30), "ends in its header, at byte 30"],
    ["a header and no audio", plainWav(0), "holds no audio"],
    ["one sample a second", plainWav(100, 1), "sample rate 1 Hz"],
  ])("%s in a known place is a fault", async (_, wav, reason) => {
    const { facts, faults } = await factsOf(STEM, { wav });
    expect([facts, faults[0].path]).toEqual([undefined, `${STEM}.wav`]);
    expect(faults[0].reason).toContain(reason);
    expect(await factsOf("else/where", { wav })).toEqual({ facts: undefined, faults: [] });
  });

  it("a claim of 4 GiB counts as much as there is, and a sparse terabyte is read in no time", async () => {
    const wav = plainWav(100);
    wav.writeUInt32LE(0xffff_fff0, 40);
    expect((await factsOf(STEM, { wav })).facts).toMatchObject({ samples: 100 });
    const folder = newFolder();
    putFile(folder, `${STEM}.wav`, plainWav(100));
    truncateSync(join(folder, `${STEM}.wav`), 2 ** 40);
    expect((await readSegmentFacts(folder, STEM, ["wav"], VIENNA)).facts).toMatchObject({ samples: 100 });
  });

  it("links, pipes, folders and what is gone are no files", async () => {
    const folder = newFolder();
    mkdirSync(join(folder, "received/mic"), { recursive: true });
    writeFileSync(join(folder, "secret"), ourWav());
    const at = (name: string) => join(folder, `received/mic/stream_1_mic_20260101_00000${name}.wav`);
    symlinkSync(join(folder, "secret"), at("1"));
    execFileSync("mkfifo", [at("2")]);
    mkdirSync(at("3"));
    for (const name of ["1", "2", "3", "4"]) {
      const stem = `received/mic/stream_1_mic_20260101_00000${name}`;
      const { facts, faults } = await readSegmentFacts(folder, stem, ["wav"], VIENNA);
      expect([facts, faults.length]).toEqual([undefined, 1]);
    }
  });

  it("never throw, however a recording was damaged", async () => {
    const whole = {
      wav: ourWav({ device: "mic", streamId: 7, samples: 40 }),
      bin: formatFrame("pcm16", 1, whiteBytes),
    };
    const damage = fc.record({
      form: fc.constantFrom("wav", "bin"),
      cut: fc.nat(700),
      at: fc.nat(700),
      bytes: fc.uint8Array({ maxLength: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ form, cut, at, bytes }) => {
        const content = Buffer.from(whole[form as "wav" | "bin"]);
        content.set(bytes.subarray(0, Math.max(0, content.length - at)), Math.min(at, content.length));
        const { facts, faults } = await factsOf(STEM, { [form]: content.subarray(0, Math.max(1, cut)) });
        expect((facts === undefined) === (faults.length === 1)).toBe(true);
        if (facts !== undefined) expect(facts.startUs + facts.samples).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });
});
