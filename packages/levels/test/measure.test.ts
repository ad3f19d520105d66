import fc from "fast-check";
import { expect, it } from "vitest";
import { type FilledRange, LevelMeter, measurePcm, type PcmShape } from "../src/index.js";

async function* inCuts(bytes: Uint8Array, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = lengths[i % lengths.length];
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

const shapes: fc.Arbitrary<PcmShape> = fc.record({
  sampleRate: fc.integer({ min: 10, max: 40 }),
  channels: fc.integer({ min: 1, max: 3 }),
  bitsPerSample: fc.constantFrom(16, 24, 32),
});
const stretches = fc.array(fc.record({ audio: fc.nat(50), missing: fc.nat(50) }), { maxLength: 5 });
const cuts = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 });

it("measures what the meter did while it was recorded, however it is cut", async () => {
  await fc.assert(
    fc.asyncProperty(shapes, stretches, cuts, fc.nat(11), async (shape, parts, lengths, torn) => {
      const { sampleRate, channels, bitsPerSample } = shape;
      const meter = new LevelMeter(sampleRate, channels, bitsPerSample);
      const frameBytes = (channels * bitsPerSample) / 8;
      const filled: FilledRange[] = [];
      const pieces: Uint8Array[] = [];
      for (const { audio, missing } of parts) {
        const bytes = Uint8Array.from({ length: audio * frameBytes }, (_, i) => i * i * 31);
        meter.add(bytes, 0, bytes.length);
        meter.addSilence(missing * channels);
        const before = pieces.reduce((sum, piece) => sum + piece.length, 0) / frameBytes;
        filled.push({ start: before + audio, samples: missing });
        pieces.push(bytes, new Uint8Array(missing * frameBytes));
      }
      const tail = new Uint8Array(torn % (bitsPerSample / 8));
      const bytes = Uint8Array.from(pieces.concat(tail).flatMap((piece) => [...piece]));
      expect(await measurePcm(inCuts(bytes, lengths), shape, filled)).toEqual(meter.levels());
    }),
  );
});

it("takes silence for what was sent if nobody says that it is not", async () => {
  const shape = { sampleRate: 100, channels: 1, bitsPerSample: 16 };
  const silence = [new Uint8Array(200)];
  const known = [{ start: 0, samples: 100 }];
  const sent = await measurePcm(inCuts(silence[0], [7]), shape);
  const missing = await measurePcm(inCuts(silence[0], [7]), shape, known);
  expect([sent.flatSeconds, sent.track[1], missing.flatSeconds, missing.track[1]]).toEqual([1, 0, 0, 255]);
});

it("passes on what goes wrong with reading, and refuses a shape that is none", async () => {
  const shape = { sampleRate: 100, channels: 1, bitsPerSample: 16 };
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(3);
    throw new Error("the disk is gone");
  }
  await expect(measurePcm(broken(), shape)).rejects.toThrow("the disk is gone");
  await expect(measurePcm(broken(), { ...shape, bitsPerSample: 12 })).rejects.toThrow(RangeError);
});
