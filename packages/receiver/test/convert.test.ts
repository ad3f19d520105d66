import { readFileSync } from "node:fs";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeBlock } from "@audio/ima-adpcm";
import { describe, expect, it } from "vitest";
import { convertBin } from "../src/index.js";
import {
  adpcmFrames,
  handshake,
  noiseBytes,
  patched,
  payloadsOf,
  pcmFrames,
  tones,
} from "./support/audio.js";
import { audioReceiver } from "./support/command.js";
import { filesBelow, readRecording } from "./support/recordings.js";
import { play } from "./support/stream-client.js";
import { TestReceiver, temporaryFolder } from "./support/test-receiver.js";

const vector = (file: string) => readFileSync(new URL(`../../../test/vectors/${file}`, import.meta.url));
const AUDIO = tones(4000);
const PCM = Buffer.concat(pcmFrames(AUDIO, { frameSamples: 320 }));

describe.concurrent("audio-receiver convert", () => {
  it("makes of what was recorded the WAV that was recorded, also beside it and with a handshake in it", async () => {
    for (const binHandshake of [true, false]) {
      await using server = await TestReceiver.start({ binHandshake, wsSegmentSeconds: 1.01 });
      const frames = adpcmFrames(tones(16_000 * 3, { channels: 2 }), {
        frameSamples: 320,
        channels: 2,
        order: "high",
      });
      await play(server.ws(), [handshake({ codec: "ima-adpcm", channels: 2 }), ...frames]);
      await server.streamClosed(7);
      const [{ path, bin }] = server.segmentsOf(7);
      const { code, stdout, stderr } = await audioReceiver(["convert", bin!.path], { cwd: server.dataDir });
      expect([code, stderr]).toEqual([0, ""]);
      const out = path.replace(/\.wav$/, ".converted.wav");
      expect(stdout).toBe(`${bin!.path} → ${out}: 51 frames, 1.02 s, nibble order high\n`);
      // The segment was cut within its last frame, which the .bin holds whole.
      const recorded = (await readRecording(path)).data;
      const converted = await readRecording(out);
      expect(converted.data.subarray(0, recorded.length).equals(recorded)).toBe(true);
      expect(converted.data.length).toBe(51 * 320 * 4);
      expect(converted.header).toMatchObject({ sampleRate: 16_000, channels: 2 });
    }
  });

  it("finds the order in the golden vectors, as JSON", async () => {
    await using folder = await temporaryFolder();
    const names = ["sine440", "noise", "extremes", "chirp", "clicks", "silence"];
    const files = names.flatMap((name) => ["low", "high"].map((order) => `${name}.adpcm-${order}.bin`));
    for (const file of files) await writeFile(join(folder.path, file), vector(file));
    const { code, stdout } = await audioReceiver(["convert", ...files, "--json"], { cwd: folder.path });
    expect(code).toBe(0);
    const results = JSON.parse(stdout) as Record<string, unknown>[];
    for (const [i, result] of results.entries()) {
      const [name, order] = files[i].split(/\.adpcm-|\.bin/);
      const nibbleOrder = name === "silence" ? "low" : order;
      expect(result).toMatchObject({
        file: files[i],
        frames: 100,
        samples: 32_000,
        seconds: 2,
        sampleRate: 16_000,
        channels: 1,
        nibbleOrder,
        lostFrames: 0,
        tornBytes: 0,
      });
      const { data } = await readRecording(join(folder.path, String(result.out)));
      expect(data.equals(vector(`${name}.decoded.s16le`))).toBe(true);
    }
  });

  it("takes the order, the rate and the file that it is told", async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "a.bin"), vector("sine440.adpcm-low.bin"));
    const words = ["convert", "a.bin", "--nibble-order", "high", "--sample-rate", "8000", "--out", "b.wav"];
    expect((await audioReceiver(words, { cwd: folder.path })).code).toBe(0);
    const { data, header } = await readRecording(join(folder.path, "b.wav"));
    expect(header.sampleRate).toBe(8000);
    expect(data.length).toBe(64_000);
    expect(data.equals(vector("sine440.decoded.s16le"))).toBe(false);
  });

  const wrong: [string[], number, string][] = [
    [
      ["a.bin", "--nibble-order", "middle"],
      2,
      '--nibble-order: "middle" is not allowed; allowed is auto, low, high',
    ],
    [
      ["a.bin", "--sample-rate", "999"],
      2,
      '--sample-rate: "999" is not allowed; allowed is a whole number 1000 … 384000',
    ],
    [["a.bin", "--channels", "two"], 2, '--channels: "two" is not allowed; allowed is a whole number 1 … 8'],
    [
      ["a.bin", "a.bin", "--out", "b.wav"],
      2,
      '--out: "b.wav" is not allowed; allowed is one file only: leave it out for several',
    ],
    [["missing.bin"], 1, "missing.bin: no such file"],
    [["a.bin", "--out", "taken.wav"], 1, "taken.wav: exists already: choose another --out"],
    [["a.bin", "--out", "nowhere/b.wav"], 1, "nowhere/b.wav: no such"],
    [["text.bin"], 1, "text.bin begins neither with a handshake nor with an audio frame"],
    [["empty.bin"], 1, "empty.bin begins neither with a handshake nor with an audio frame"],
    [["handshake.bin"], 1, "handshake.bin: invalid handshake: codec 7 is not 0 (PCM16) or 1 (IMA ADPCM)"],
    [["broken.bin"], 1, "broken.bin, before byte "],
  ];
  it.each(wrong)("%j: exit %i, one line, nothing left behind", async (words, expected, message) => {
    await using folder = await temporaryFolder();
    const files = {
      "a.bin": PCM,
      "taken.wav": "mine",
      "text.bin": "some text, long enough for a header of twelve bytes and more",
      "empty.bin": "",
      "handshake.bin": Buffer.concat([patched(handshake(), 18, 2, 7), PCM]),
      "broken.bin": Buffer.concat([PCM, Buffer.from("garbage in the middle of it"), PCM]),
    };
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder.path, name), content);
    const { code, stdout, stderr } = await audioReceiver(["convert", ...words], { cwd: folder.path });
    expect([code, stdout]).toEqual([expected, ""]);
    expect(stderr.startsWith(`audio-receiver: ${message}`)).toBe(true);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(await filesBelow(folder.path)).toEqual(Object.keys(files).sort());
    expect(await readFile(join(folder.path, "taken.wav"), "utf8")).toBe("mine");
  });
});

describe.concurrent("convertBin", () => {
  it("fills lost frames with silence, drops repeated ones, leaves a torn end out", async () => {
    await using folder = await temporaryFolder();
    const frames = pcmFrames(AUDIO, { frameSamples: 320, firstSeq: 9 });
    const file = join(folder.path, "a.bin.part");
    const out = join(folder.path, "a.wav");
    const kept = [frames[0], frames[1], frames[1], frames[4], frames[5]];
    await writeFile(file, Buffer.concat([handshake(), ...kept, frames[6].subarray(0, 77)]));
    const converted = await convertBin({ file, out, nibbleOrder: "auto" });
    expect(converted).toMatchObject({
      frames: 4,
      lostFrames: 2,
      samples: 6 * 320,
      tornBytes: 77,
      nibbleOrder: undefined,
    });
    const { data } = await readRecording(out);
    const audio = (from: number, to: number) => AUDIO.subarray(from * 640, to * 640);
    expect(data.equals(Buffer.concat([audio(0, 2), Buffer.alloc(1280), audio(4, 6)]))).toBe(true);
  });

  it("works in constant memory, whatever the size and wherever its reads cut the frames", async () => {
    await using folder = await temporaryFolder();
    const frame = pcmFrames(noiseBytes(1998), { frameSamples: 999 })[0];
    const file = join(folder.path, "a.bin");
    const count = 40_000;
    const all = Buffer.alloc(frame.length * count);
    for (let seq = 0; seq < count; seq++) all.set(patched(frame, 8, 4, seq), seq * frame.length);
    await writeFile(file, all);
    const before = process.memoryUsage.rss();
    const converted = await convertBin({ file, out: join(folder.path, "a.wav"), nibbleOrder: "auto" });
    expect(process.memoryUsage.rss() - before).toBeLessThan(60e6);
    expect(converted).toMatchObject({ frames: count, samples: count * 999, lostFrames: 0, tornBytes: 0 });
  });

  it("decodes short ADPCM frames as the recorder does", async () => {
    await using folder = await temporaryFolder();
    const frames = adpcmFrames(tones(1000), { frameSamples: 320, order: "high" });
    const file = join(folder.path, "a.bin");
    await writeFile(file, Buffer.concat(frames));
    await cp(file, join(folder.path, "b.bin"));
    await convertBin({ file, out: join(folder.path, "a.wav"), nibbleOrder: "auto" });
    const expected = payloadsOf(frames).map((block) => {
      const pcm = new Int16Array(320);
      const count = decodeBlock(block, 0, block.length, 1, "high", pcm, 0, 320);
      return Buffer.from(pcm.buffer, 0, count * 2);
    });
    expect((await readRecording(join(folder.path, "a.wav"))).data.equals(Buffer.concat(expected))).toBe(true);
  });
});
