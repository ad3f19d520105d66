import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatMetadata,
  formatWavHeader,
  type PcmFormat,
  parseMetadata,
  planRepair,
  WavError,
} from "../src/index.js";
import { kitchen } from "./recordings.js";
import { join } from "./riff-files.js";

interface Recording {
  format: PcmFormat;
  audio: Uint8Array;
  /** Sample frames written between two flushes of the header. */
  flushFrames: number[];
}

const recordings: fc.Arbitrary<Recording> = fc
  .record({
    sampleRate: fc.constantFrom(8000, 16_000, 48_000),
    channels: fc.integer({ min: 1, max: 3 }),
    bitsPerSample: fc.constantFrom(16, 24, 32),
  })
  .chain((format) =>
    fc.array(fc.nat(40), { minLength: 1, maxLength: 5 }).map((flushFrames) => {
      const frames = flushFrames.reduce((sum, n) => sum + n, 0);
      const audio = Uint8Array.from({ length: frames * frameBytes(format) }, (_, i) => 1 + ((i * 7) % 250));
      return { format, audio, flushFrames };
    }),
  );

function frameBytes(format: PcmFormat): number {
  return (format.channels * format.bitsPerSample) / 8;
}

/** Every state of the file on disk, as the recorder writes it: data, then header; at the end header, then chunks. */
function fileStates({ format, audio, flushFrames }: Recording): Uint8Array[] {
  const states = [formatWavHeader(format, 0)];
  let frames = 0;
  for (const more of flushFrames) {
    const flushed = states.at(-1)!.subarray(0, 44);
    frames += more;
    const data = audio.subarray(0, frames * frameBytes(format));
    states.push(new Uint8Array(join(flushed, data)));
    states.push(new Uint8Array(join(formatWavHeader(format, data.byteLength), data)));
  }
  const metadata = formatMetadata({ ...kitchen, sampleRate: format.sampleRate }, audio.byteLength);
  const header = formatWavHeader(format, audio.byteLength, metadata.byteLength);
  states.push(new Uint8Array(join(header, audio)), new Uint8Array(join(header, audio, metadata)));
  return states;
}

function repaired(file: Uint8Array): Uint8Array {
  const { header, fileBytes } = planRepair(file.subarray(0, 44), file.byteLength);
  expect(fileBytes).toBeLessThanOrEqual(file.byteLength);
  return join(header, file.subarray(44, fileBytes));
}

function codeOf(plan: () => unknown): unknown {
  try {
    return plan();
  } catch (error) {
    return error instanceof WavError ? error.code : error;
  }
}

describe("planRepair", () => {
  const mono: PcmFormat = { sampleRate: 16_000, channels: 1, bitsPerSample: 16 };

  it("keeps audio that the header does not claim yet, in whole sample frames", () => {
    const header = formatWavHeader(mono, 8);
    expect(planRepair(header, 44 + 21)).toEqual({
      header: formatWavHeader(mono, 20),
      dataBytes: 20,
      fileBytes: 64,
    });
  });

  it("does not claim audio that a power cut took", () => {
    expect(planRepair(formatWavHeader(mono, 100), 44 + 21).dataBytes).toBe(20);
    expect(planRepair(formatWavHeader(mono, 100, 700), 44 + 21).header).toEqual(formatWavHeader(mono, 20));
  });

  it("keeps whole trailing chunks, cuts torn ones, and what follows them", () => {
    const final = formatWavHeader(mono, 100, 700);
    expect(planRepair(final, 844)).toEqual({ header: final, dataBytes: 100, fileBytes: 844 });
    expect(planRepair(final, 900)).toEqual({ header: final, dataBytes: 100, fileBytes: 844 });
    expect(planRepair(final, 843)).toEqual({
      header: formatWavHeader(mono, 100),
      dataBytes: 100,
      fileBytes: 144,
    });
  });

  it("keeps a prefix of the recorded audio, whatever byte the crash hits, and is idempotent", () => {
    fc.assert(
      fc.property(recordings, fc.double({ min: 0, max: 1, noNaN: true }), (recording, where) => {
        const { format, audio } = recording;
        for (const state of fileStates(recording)) {
          const length = 44 + Math.floor((state.byteLength - 44) * where);
          const file = repaired(state.subarray(0, length));
          const { dataBytes } = planRepair(file.subarray(0, 44), file.byteLength);
          expect(dataBytes % frameBytes(format)).toBe(0);
          expect(file.subarray(44, 44 + dataBytes)).toEqual(audio.subarray(0, dataBytes));
          const there = Math.min(length - 44, audio.byteLength);
          expect(dataBytes).toBe(there - (there % frameBytes(format)));
          expect(repaired(file)).toEqual(file);
        }
      }),
    );
  });

  it("loses nothing of a finished file", () => {
    fc.assert(
      fc.property(recordings, (recording) => {
        const finished = fileStates(recording).at(-1)!;
        expect(repaired(finished)).toEqual(finished);
        expect(parseMetadata(finished.subarray(44 + recording.audio.byteLength))).toBeDefined();
      }),
    );
  });

  it("says that a file which ends in its header holds nothing", () => {
    const header = formatWavHeader(mono, 0);
    for (let bytes = 0; bytes < 44; bytes++) {
      expect(codeOf(() => planRepair(header.subarray(0, bytes), bytes))).toBe("torn-header");
    }
    expect(planRepair(header, 44)).toEqual({ header, dataBytes: 0, fileBytes: 44 });
  });

  it("leaves alone what our recorder did not write", () => {
    expect(codeOf(() => planRepair(new Uint8Array(44), 1000))).toBe("not-repairable");
    const header = formatWavHeader(mono, 100, 7);
    for (let offset = 0; offset < 44; offset++) {
      const damaged = header.slice();
      damaged[offset] ^= 0x80;
      const isSizeOrRate = (offset >= 4 && offset < 8) || offset >= 40;
      if (!isSizeOrRate) expect(codeOf(() => planRepair(damaged, 1000))).toBe("not-repairable");
    }
    expect(codeOf(() => planRepair(formatWavHeader(mono, 0), 2 ** 32 + 44))).toBe("not-repairable");
  });

  it("wants the whole head", () => {
    expect(() => planRepair(new Uint8Array(20), 1000)).toThrow(
      new RangeError("head is 20 bytes of a file of 1000, needs 44"),
    );
    expect(() => planRepair(new Uint8Array(44), -1)).toThrow(RangeError);
  });
});
