/** Files of strangers: refused with a reason, or read; nothing else happens, and nothing grows. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatMetadata,
  formatWavHeader,
  PcmReader,
  parseMetadata,
  parseWavHeader,
  planRepair,
  WavError,
} from "../src/index.js";
import { kitchen } from "./recordings.js";
import { chunk, type FmtFields, fmt, join, riff } from "./riff-files.js";
import { cut, cutSizes } from "./samples.js";

const MAX_FRONT_BYTES = 1_048_576;

const formats: fc.Arbitrary<FmtFields> = fc.oneof(
  fc.record({
    tag: fc.constant(1),
    channels: fc.integer({ min: 1, max: 3 }),
    bitsPerSample: fc.constantFrom(8, 16, 24, 32),
  }),
  fc.record({ tag: fc.constant(3), bitsPerSample: fc.constantFrom(32, 64) }),
  fc.record({ tag: fc.constantFrom(6, 7), bitsPerSample: fc.constant(8) }),
  fc.record({
    tag: fc.constant(0x11),
    channels: fc.constantFrom(1, 2),
    bitsPerSample: fc.constant(4),
    blockAlign: fc.integer({ min: 8, max: 80 }),
  }),
  fc.record({
    tag: fc.nat(0xffff),
    channels: fc.nat(9),
    bitsPerSample: fc.nat(70),
    blockAlign: fc.nat(0xffff),
  }),
);

const strangeChunks = fc.array(
  fc.tuple(
    fc.constantFrom("JUNK", "LIST", "bext", "ds64", "fmt ", "data", "\0\xff\x1b "),
    fc.uint8Array({ maxLength: 60 }),
  ),
  { maxLength: 4 },
);

/** Files of any format with chunks before and behind, then some bytes replaced, and the end cut off. */
const files: fc.Arbitrary<Uint8Array> = fc
  .record({
    fields: formats,
    before: strangeChunks,
    behind: strangeChunks,
    audio: fc.uint8Array({ maxLength: 300 }),
    container: fc.constantFrom("RIFF", "RF64", "BW64"),
    replaced: fc.array(fc.tuple(fc.nat(120), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)), { maxLength: 3 }),
    keep: fc.double({ min: 0.2, max: 1, noNaN: true }),
  })
  .map(({ fields, before, behind, audio, container, replaced, keep }) => {
    const others = (list: typeof before) => list.map(([id, body]) => chunk(id, body));
    const file = riff([...others(before), fmt(fields), chunk("data", audio), ...others(behind)], container);
    for (const [at, byte] of replaced) if (at < file.length) file[at] = byte;
    return file.subarray(0, Math.ceil(file.length * keep));
  });

/** What an action returns; undefined when it refuses. Any error but a WavError passes through. */
function unlessRefused<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof WavError)) throw error;
    expect(error.message).toMatch(/\S/);
    return undefined;
  }
}

describe("hostile bytes", () => {
  it("are a header within the first MiB, or refused; more of the file never changes the answer", () => {
    fc.assert(
      fc.property(files, fc.uint8Array({ maxLength: 40 }), (file, more) => {
        const header = unlessRefused(() => parseWavHeader(file));
        if (header === undefined) return;
        expect(header.dataOffset).toBeLessThanOrEqual(Math.min(file.length, MAX_FRONT_BYTES));
        expect(header.blockAlign).toBeGreaterThan(0);
        expect(header.dataBytes).toBeGreaterThanOrEqual(0);
        expect(parseWavHeader(join(file, more))).toEqual(header);
      }),
      { numRuns: 2000 },
    );
  });

  it("give whole sample frames, the same however they are cut, and keep less than a block", () => {
    fc.assert(
      fc.property(files, cutSizes, (file, sizes) => {
        const header = unlessRefused(() => parseWavHeader(file));
        if (header === undefined) return;
        const audio = file.subarray(header.dataOffset);
        const whole = unlessRefused(() => Array.from(new PcmReader(header).push(audio)));
        const reader = new PcmReader(header);
        const pieces = unlessRefused(() =>
          cut(audio, sizes).flatMap((piece) => {
            const samples = Array.from(reader.push(piece));
            expect(samples.length % header.channels).toBe(0);
            expect(reader.bufferedBytes).toBeLessThan(header.blockAlign);
            return samples;
          }),
        );
        expect(pieces).toEqual(whole);
      }),
      { numRuns: 1000 },
    );
  });

  it("behind the audio are our metadata, or none", () => {
    const own = formatMetadata(kitchen, 0);
    const damaged = fc
      .tuple(fc.array(fc.tuple(fc.nat(own.length - 1), fc.nat(255)), { maxLength: 5 }), fc.nat(own.length))
      .map(([replaced, length]) => {
        const copy = own.slice();
        for (const [at, byte] of replaced) copy[at] = byte;
        return copy.subarray(0, length);
      });
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), (chunks) => {
        const metadata = parseMetadata(chunks);
        if (metadata !== undefined) expect(formatMetadata(metadata, 0).length).toBeGreaterThan(0);
      }),
      { numRuns: 1500 },
    );
  });

  it("are repaired to what they hold, or refused; a second repair finds nothing to do", () => {
    const ours = fc
      .record({
        sampleRate: fc.constantFrom(8000, 48_000),
        channels: fc.integer({ min: 1, max: 8 }),
        bitsPerSample: fc.constantFrom(16 as const, 24 as const, 32 as const),
      })
      .chain((format) =>
        fc
          .tuple(fc.nat(50), fc.constantFrom(0, 700))
          .map(([frames, trailing]) =>
            formatWavHeader(format, (frames * format.channels * format.bitsPerSample) / 8, trailing),
          ),
      );
    const patches = fc.array(fc.tuple(fc.constantFrom(4, 5, 6, 7, 22, 24, 34, 40, 41, 42, 43), fc.nat(255)), {
      maxLength: 3,
    });
    const lengths = fc.oneof(
      fc.nat(2000),
      fc.constantFrom(44, 2 ** 32 - 1, 2 ** 32 + 43, 2 ** 40, 2 ** 53 - 1),
    );
    fc.assert(
      fc.property(ours, patches, lengths, (head, replaced, fileBytes) => {
        for (const [at, byte] of replaced) head[at] = byte;
        const plan = unlessRefused(() => planRepair(head, fileBytes));
        if (plan === undefined) return;
        expect(plan.fileBytes).toBeLessThanOrEqual(fileBytes);
        expect(plan.dataBytes).toBeLessThanOrEqual(plan.fileBytes - 44);
        expect(planRepair(plan.header, plan.fileBytes)).toEqual(plan);
      }),
      { numRuns: 3000 },
    );
  });
});
