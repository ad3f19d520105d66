import { blockBytes, encodeBlock, initialStates } from "@audio/ima-adpcm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PcmReader, parseWavHeader, WavError, type WavHeader } from "../src/index.js";
import { type FmtFields, join, wavFile } from "./riff-files.js";
import { bytesOf, cut, cutSizes, hardSignal, noise } from "./samples.js";

function open(
  fields: FmtFields,
  data: Uint8Array = new Uint8Array(0),
): { header: WavHeader; reader: PcmReader } {
  const header = parseWavHeader(wavFile(fields, data))!;
  return { header, reader: new PcmReader(header) };
}

/** All samples of `data`, pushed in the given pieces; every push is a whole number of sample frames. */
function read(fields: FmtFields, data: Uint8Array, sizes = [data.byteLength || 1]): number[] {
  const { header, reader } = open(fields, data);
  return cut(data, sizes).flatMap((piece) => {
    const samples = Array.from(reader.push(piece));
    expect(samples.length % header.channels).toBe(0);
    expect(reader.bufferedBytes).toBeLessThan(header.blockAlign);
    return samples;
  });
}

describe("PcmReader", () => {
  it.each([
    ["8-bit", { tag: 1, bitsPerSample: 8 }, [0, 127, 128, 255], [-32768, -256, 0, 32512]],
    ["16-bit", { tag: 1 }, [0, 0x80, 0xff, 0xff, 0xff, 0x7f], [-32768, -1, 32767]],
    [
      "24-bit, without rounding",
      { tag: 1, bitsPerSample: 24 },
      [0, 0, 0x80, 0xff, 0xff, 0xff, 0xff, 0, 0, 0xff, 0xff, 0x7f],
      [-32768, -1, 0, 32767],
    ],
    [
      "32-bit, without rounding",
      { tag: 1, bitsPerSample: 32 },
      [0, 0, 0, 0x80, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0],
      [-32768, -1, 0],
    ],
    ["A-law", { tag: 6, bitsPerSample: 8 }, [0x55, 0xd5, 0x2a, 0xaa], [-8, 8, -32256, 32256]],
    ["µ-law", { tag: 7, bitsPerSample: 8 }, [0x00, 0x80, 0x7f, 0xff], [-32124, 32124, 0, 0]],
  ])("converts %s", (_, fields, bytes, expected) => {
    expect(read(fields, Uint8Array.from(bytes))).toEqual(expected);
  });

  it.each([32, 64])("rounds and clamps %i-bit float; NaN is silence", (bitsPerSample) => {
    const values = [0, 1, -1, 0.5, 2, -2, Infinity, -Infinity, NaN, 1.4 / 32768, 1.6 / 32768, -1.6 / 32768];
    const floats = bitsPerSample === 32 ? Float32Array.from(values) : Float64Array.from(values);
    const expected = [0, 32767, -32768, 16384, 32767, -32768, 32767, -32768, 0, 1, 2, -2];
    expect(read({ tag: 3, bitsPerSample }, bytesOf(floats))).toEqual(expected);
  });

  const layouts: FmtFields[] = [
    { tag: 1, bitsPerSample: 8, channels: 3 },
    { tag: 1, bitsPerSample: 16, channels: 2 },
    { tag: 1, bitsPerSample: 24, channels: 8 },
    { tag: 1, bitsPerSample: 32 },
    { tag: 3, bitsPerSample: 32, channels: 5 },
    { tag: 3, bitsPerSample: 64 },
    { tag: 6, bitsPerSample: 8 },
    { tag: 7, bitsPerSample: 8, channels: 2 },
    { tag: 0x11, bitsPerSample: 4, blockAlign: 36 },
    { tag: 0x11, bitsPerSample: 4, blockAlign: 41, extension: [2, 0, 64, 0] },
    { tag: 0x11, bitsPerSample: 4, blockAlign: 72, channels: 2 },
    { tag: 0x11, bitsPerSample: 4, blockAlign: 77, channels: 2 },
  ];

  it.each(layouts)("gives the same samples however the bytes are cut: %o", (fields) => {
    const data = bytesOf(hardSignal(99));
    // A header's third byte is its step index
    const { blockAlign } = fields;
    if (blockAlign !== undefined) {
      for (let i = 2; i < data.byteLength; i++)
        if (i % blockAlign === 2 || i % blockAlign === 6) data[i] %= 89;
    }
    const whole = read(fields, data);
    expect(whole.length).toBeGreaterThan(90);
    fc.assert(
      fc.property(cutSizes, (sizes) => {
        expect(read(fields, data, sizes)).toEqual(whole);
      }),
      { numRuns: 30 },
    );
    expect(read(fields, data, [1])).toEqual(whole);
  });

  it("tells by bufferedBytes that the last sample frame is torn", () => {
    const { reader } = open({ tag: 1, channels: 2, bitsPerSample: 24 });
    expect(reader.push(new Uint8Array(5))).toHaveLength(0);
    expect(reader.bufferedBytes).toBe(5);
    expect(reader.push(new Uint8Array(2))).toHaveLength(2);
    expect(reader.bufferedBytes).toBe(1);
    expect(reader.push(new Uint8Array(0))).toHaveLength(0);
    expect(reader.push(new Uint8Array(5))).toHaveLength(2);
    expect(reader.bufferedBytes).toBe(0);
  });

  it("lends the same memory at every push", () => {
    const { reader } = open({ tag: 1 });
    const first = reader.push(new Uint8Array(64).fill(1));
    const second = reader.push(new Uint8Array(32).fill(2));
    expect(second.buffer).toBe(first.buffer);
    expect(first[0]).toBe(0x0202);
  });

  it.each([1, 2] as const)("reads IMA ADPCM blocks of %i channels, the last one short", (channels) => {
    const blockFrames = 33;
    const pcm = Int16Array.from(noise(channels * 70), (x, i) => 9000 * Math.sin(i / 9) + 500 * x);
    const blockAlign = blockBytes(blockFrames - 1, channels);
    const sizes = [blockFrames, blockFrames, 1];
    const blocks: Uint8Array[] = [];
    for (let i = 0, start = 0; i < sizes.length; start += sizes[i++] * channels) {
      blocks.push(imaBlock(pcm, start, sizes[i], channels));
    }
    const data = join(...blocks);
    const fields = { tag: 0x11, bitsPerSample: 4, channels, blockAlign };
    const samples = read(fields, data);
    expect(samples).toHaveLength(67 * channels);
    for (let c = 0; c < channels; c++) {
      expect(samples[c]).toBe(pcm[c]);
      expect(samples[33 * channels + c]).toBe(pcm[33 * channels + c]);
      expect(samples[66 * channels + c]).toBe(pcm[66 * channels + c]);
    }
  });

  it("refuses an IMA ADPCM block with an impossible step index, and says which", () => {
    const { reader } = open({ tag: 0x11, bitsPerSample: 4, channels: 2, blockAlign: 16 });
    reader.push(new Uint8Array(16));
    const bad = Uint8Array.of(0, 0, 88, 0, 0, 0, 89, 0);
    expect(() => reader.push(bad)).toThrow(
      new WavError("invalid-block", "IMA ADPCM block 1: step index of channel 1 is 89, allowed is 0 … 88"),
    );
  });

  it("refuses headers that parseWavHeader would not return", () => {
    const { header } = open({ tag: 1 });
    expect(() => new PcmReader({ ...header, bitsPerSample: 12 })).toThrow(RangeError);
    expect(() => new PcmReader({ ...header, channels: 0, blockAlign: 0 })).toThrow(RangeError);
    expect(() => new PcmReader({ ...header, blockAlign: 3 })).toThrow(RangeError);
    expect(() => new PcmReader({ ...header, encoding: "ima-adpcm" })).toThrow(RangeError);
  });
});

/** A WAV IMA block: our frame of all but the first sample, whose header predicts that first sample. */
function imaBlock(pcm: Int16Array, start: number, frames: number, channels: 1 | 2): Uint8Array {
  const states = initialStates(channels);
  for (let c = 0; c < channels; c++) states[c].predictor = pcm[start + c];
  const block = new Uint8Array(blockBytes(frames - 1, channels));
  encodeBlock(pcm, start + channels, frames - 1, channels, states, block, 0);
  return block;
}
