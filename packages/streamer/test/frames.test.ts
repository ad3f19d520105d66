import { decodeBlock, type NibbleOrder } from "@audio/ima-adpcm";
import { checkFrame, FRAME_HEADER_BYTES, maxFrameBytes } from "@audio/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type FrameBatch, type FrameFormat, Framer, frameSamplesFor } from "../src/frames.js";
import { adpcmFrames, littleEndian, tones } from "./support/audio.js";

function messages({ bytes, ends }: FrameBatch): Uint8Array[] {
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}

/** Pushes `pcm` in pieces of the given sizes and takes frames in between. */
function cutIntoFrames(format: FrameFormat, pcm: Int16Array, pieces: number[], maxFrames = 7): Uint8Array[] {
  const framer = new Framer(format);
  const frames: Uint8Array[] = [];
  const drain = (flush: boolean) => {
    for (
      let batch = framer.take(maxFrames, flush);
      batch.ends.length > 0;
      batch = framer.take(maxFrames, flush)
    ) {
      frames.push(...messages(batch));
    }
  };
  let start = 0;
  for (let turn = 0; start < pcm.length; turn++) {
    const end = Math.min(pcm.length, start + pieces[turn % pieces.length] * format.channels);
    framer.push(pcm.subarray(start, end));
    start = end;
    if (turn % 2 === 0) drain(false);
  }
  drain(true);
  return frames;
}

const payloads = (frames: Uint8Array[]) =>
  Buffer.concat(frames.map((frame) => frame.subarray(FRAME_HEADER_BYTES)));

describe("Framer", () => {
  test("PCM frames concatenated are the input, however it came in", () => {
    const input = fc.record({
      channels: fc.integer({ min: 1, max: 8 }),
      frameSamples: fc.integer({ min: 1, max: 400 }),
      length: fc.integer({ min: 1, max: 3000 }),
      pieces: fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 5 }),
    });
    fc.assert(
      fc.property(input, ({ channels, frameSamples, length, pieces }) => {
        const format = { codec: "pcm16", channels, frameSamples } as const;
        const pcm = tones(length, channels);
        const frames = cutIntoFrames(format, pcm, pieces);
        frames.forEach((frame, index) => {
          expect(checkFrame(frame, 0, frame.length, format, index)).toBe(index);
        });
        expect(payloads(frames).equals(littleEndian(pcm))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  test("ADPCM frames are those of the encoder over the whole input, and legal", () => {
    const input = fc.record({
      channels: fc.constantFrom(1 as const, 2 as const),
      groups: fc.integer({ min: 1, max: 50 }),
      length: fc.integer({ min: 1, max: 3000 }),
      pieces: fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 5 }),
      order: fc.constantFrom<NibbleOrder>("low", "high"),
    });
    fc.assert(
      fc.property(input, ({ channels, groups, length, pieces, order }) => {
        const frameSamples = groups * 8;
        const format = { codec: "ima-adpcm", channels, frameSamples, nibbleOrder: order } as const;
        const pcm = tones(length, channels);
        const frames = cutIntoFrames(format, pcm, pieces);
        frames.forEach((frame, index) => {
          expect(checkFrame(frame, 0, frame.length, format, index)).toBe(index);
        });
        expect(payloads(frames).equals(adpcmFrames(pcm, channels, frameSamples, order))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    { channels: 1, length: 325, decoded: 326 },
    { channels: 2, length: 325, decoded: 328 },
  ] as const)("an ADPCM tail of $length samples, $channels channels decodes to $decoded", (shape) => {
    const { channels, length, decoded } = shape;
    const format = { codec: "ima-adpcm", channels, frameSamples: 320 } as const;
    const pcm = tones(length, channels);
    const frames = cutIntoFrames(format, pcm, [length]);
    const out = new Int16Array(2 * 320);
    let total = 0;
    for (const frame of frames) {
      total += decodeBlock(frame, FRAME_HEADER_BYTES, frame.length, channels, "low", out, 0, 320);
    }
    expect(frames).toHaveLength(2);
    expect(total).toBe(decoded);
  });

  test("decoded ADPCM follows the input", () => {
    const pcm = tones(16_000);
    const out = new Int16Array(320);
    let error = 0;
    cutIntoFrames({ codec: "ima-adpcm", channels: 1, frameSamples: 320 }, pcm, [1000]).forEach(
      (frame, index) => {
        decodeBlock(frame, FRAME_HEADER_BYTES, frame.length, 1, "low", out, 0, 320);
        out.forEach((sample, at) => {
          error += (sample - pcm[index * 320 + at]) ** 2;
        });
      },
    );
    // 12000 is the tone's amplitude; IMA ADPCM keeps noise some 30 dB below it.
    expect(Math.sqrt(error / pcm.length)).toBeLessThan(400);
  });

  test("seq starts where it is told to and wraps", () => {
    const format = { codec: "pcm16", channels: 1, frameSamples: 10, firstSequence: 0xffff_fffe } as const;
    const frames = cutIntoFrames(format, tones(40), [40]);
    expect(frames.map((frame, index) => checkFrame(frame, 0, frame.length, format, index))).toEqual([
      0xffff_fffe, 0xffff_ffff, 0, 1,
    ]);
  });

  test("without headers the bytes are bare PCM", () => {
    const pcm = tones(1000, 2);
    const format = { codec: "pcm16", channels: 2, frameSamples: 320, headers: false } as const;
    expect(Buffer.concat(cutIntoFrames(format, pcm, [77])).equals(littleEndian(pcm))).toBe(true);
  });

  test("frameBytes is the size of a full frame", () => {
    const format = { codec: "pcm16", channels: 2, frameSamples: 320 } as const;
    expect(new Framer(format).frameBytes).toBe(maxFrameBytes(format));
    expect(new Framer({ codec: "ima-adpcm", channels: 1, frameSamples: 320 }).frameBytes).toBe(12 + 4 + 160);
  });

  test("three channels of ADPCM are the caller's mistake", () => {
    expect(() => new Framer({ codec: "ima-adpcm", channels: 3, frameSamples: 320 })).toThrow(RangeError);
  });
});

describe("frameSamplesFor", () => {
  test.each([
    [16_000, 20, "pcm16", 1, 320],
    [11_025, 20, "ima-adpcm", 1, 221],
    [11_025, 20, "ima-adpcm", 2, 224],
    [44_100, 20, "pcm16", 2, 882],
    [44_100, 20, "ima-adpcm", 2, 888],
    [48_000, 2.5, "pcm16", 1, 120],
    [48_000, 1365.3125, "pcm16", 1, 65_535],
    [48_000, 1366, "pcm16", 1, undefined],
    [48_000, 1365.3125, "ima-adpcm", 2, undefined],
    [8_000, 0.01, "pcm16", 1, undefined],
  ] as const)("%d Hz, %d ms, %s, %d channels: %s", (sampleRate, frameMs, codec, channels, expected) => {
    expect(frameSamplesFor(sampleRate, frameMs, codec, channels)).toBe(expected);
  });
});
