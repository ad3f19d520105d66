import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatWavHeader,
  MAX_WAV_BYTES,
  type PcmFormat,
  parseWavHeader,
  WAV_HEADER_BYTES,
} from "../src/index.js";

const mono16: PcmFormat = { sampleRate: 16_000, channels: 1, bitsPerSample: 16 };

const formats: fc.Arbitrary<PcmFormat> = fc.record({
  sampleRate: fc.integer({ min: 1, max: 384_000 }),
  channels: fc.integer({ min: 1, max: 8 }),
  bitsPerSample: fc.constantFrom(16, 24, 32),
});

describe("formatWavHeader", () => {
  it("writes the canonical 44 bytes", () => {
    expect(Buffer.from(formatWavHeader(mono16, 32_000)).toString("hex")).toBe(
      "52494646247d000057415645666d74201000000001000100803e0000007d00000200100064617461007d0000",
    );
  });

  it("counts trailing bytes in the RIFF size only", () => {
    const view = new DataView(formatWavHeader({ ...mono16, bitsPerSample: 24 }, 3, 101).buffer);
    expect(view.getUint32(4, true)).toBe(36 + 3 + 101);
    expect(view.getUint32(40, true)).toBe(3);
  });

  it("is the inverse of parseWavHeader", () => {
    fc.assert(
      fc.property(formats, fc.nat(100_000), fc.nat(1000), (format, frames, trailing) => {
        const blockAlign = (format.channels * format.bitsPerSample) / 8;
        const dataBytes = frames * blockAlign;
        const header = formatWavHeader(format, dataBytes, trailing);
        expect(header).toHaveLength(WAV_HEADER_BYTES);
        expect(parseWavHeader(header)).toEqual({
          ...format,
          encoding: "pcm",
          blockAlign,
          dataOffset: WAV_HEADER_BYTES,
          dataBytes: dataBytes === 0 && trailing === 0 ? Infinity : dataBytes,
        });
      }),
    );
  });

  it("holds 4 GiB and not a byte more", () => {
    const most = MAX_WAV_BYTES - 36 - 1;
    expect(() => formatWavHeader(mono16, most, 1)).not.toThrow();
    expect(() => formatWavHeader(mono16, most, 2)).toThrow(
      new RangeError(`dataBytes is ${most}, allowed is 0 … ${most - 1}`),
    );
    expect(() => formatWavHeader(mono16, 0, MAX_WAV_BYTES)).toThrow(RangeError);
  });

  it.each([
    [{ ...mono16, bitsPerSample: 8 }, 0, "bitsPerSample is 8, allowed is 16, 24 or 32"],
    [{ ...mono16, channels: 0 }, 0, "channels is 0, allowed is 1 … 32767"],
    [{ ...mono16, channels: 1.5 }, 0, "channels is 1.5, allowed is 1 … 32767"],
    [{ ...mono16, sampleRate: 0 }, 0, "sampleRate is 0, allowed is 1 … 2147483647"],
    [mono16, -2, "dataBytes is -2, allowed is 0 … 4294967259"],
    [mono16, 3, "dataBytes is 3, not a whole number of 2-byte sample frames"],
  ])("refuses %o with %i bytes", (format, dataBytes, message) => {
    expect(() => formatWavHeader(format as PcmFormat, dataBytes)).toThrow(new RangeError(message));
  });
});
