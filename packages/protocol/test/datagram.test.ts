import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkDatagram,
  DATAGRAM_HEADER_BYTES,
  datagramSamples,
  formatDatagram,
  isDatagram,
  MAX_DATAGRAM_SAMPLES,
  ProtocolError,
  readDatagramHeader,
} from "../src/index.js";
import { u32 } from "./arbitraries.js";
import { withU16 } from "./bytes.js";

const PLAIN = { sequence: 7, timestampMs: 140, start: false, end: false };

describe("a datagram", () => {
  it("has the bytes that the protocol lays down", () => {
    const header = { sequence: 0x01020304, timestampMs: 0x11121314, start: true, end: true };
    const bytes = formatDatagram(header, Uint8Array.of(0x34, 0x12, 0xff, 0xff));
    expect([...bytes]).toEqual([4, 3, 2, 1, 0x14, 0x13, 0x12, 0x11, 2, 0, 3, 0, 0x34, 0x12, 0xff, 0xff]);
  });

  const datagrams = fc.record({
    header: fc.record({ sequence: u32, timestampMs: u32, start: fc.boolean(), end: fc.boolean() }),
    samples: fc.uint8Array({ maxLength: 64 }).map((bytes) => bytes.subarray(0, bytes.length & ~1)),
  });
  it("comes back as it was, also from inside a larger buffer", () => {
    fc.assert(
      fc.property(datagrams, fc.nat(7), ({ header, samples }, offset) => {
        fc.pre(samples.length > 0 || header.end);
        const formatted = formatDatagram(header, samples);
        const buffer = new Uint8Array(formatted.length + 16);
        buffer.set(formatted, offset);
        const bytes = buffer.subarray(offset, offset + formatted.length);
        expect(isDatagram(bytes, 1)).toBe(true);
        expect(readDatagramHeader(bytes)).toEqual(header);
        expect(datagramSamples(bytes)).toBe(samples.length / 2);
        expect([...bytes.subarray(DATAGRAM_HEADER_BYTES)]).toEqual([...samples]);
      }),
    );
  });

  it("may be as large as UDP allows", () => {
    const bytes = formatDatagram(PLAIN, new Uint8Array(MAX_DATAGRAM_SAMPLES * 2));
    expect(bytes.length).toBeLessThanOrEqual(65_507);
    expect(isDatagram(bytes, 1)).toBe(true);
    expect(datagramSamples(bytes)).toBe(MAX_DATAGRAM_SAMPLES);
  });

  it("may have flags that are not known", () => {
    const bytes = withU16(formatDatagram(PLAIN, new Uint8Array(4)), 10, 0xfffc);
    expect(isDatagram(bytes, 1)).toBe(true);
    expect(readDatagramHeader(bytes)).toEqual(PLAIN);
  });

  const four = formatDatagram(PLAIN, new Uint8Array(8));
  it.each([
    [new Uint8Array(0), 1, "0 bytes, the header alone is 12"],
    [four.subarray(0, 11), 1, "11 bytes, the header alone is 12"],
    [four.subarray(0, 19), 1, "19 bytes, sample_count 4 makes 20"],
    [Uint8Array.of(...four, 0), 1, "21 bytes, sample_count 4 makes 20"],
    [four, 3, "sample_count 4 is not a multiple of 3 channels"],
    [withU16(four.subarray(0, 12), 8, 0), 1, "sample_count 0 without the end flag"],
    [withU16(withU16(four.subarray(0, 12), 8, 0), 10, 1), 1, "sample_count 0 without the end flag"],
  ])("is refused when a field is wrong (%#)", (bytes, channels, found) => {
    expect(isDatagram(bytes, channels)).toBe(false);
    expect(() => checkDatagram(bytes, channels)).toThrow(
      new ProtocolError("invalid-datagram", `invalid datagram: ${found}`),
    );
  });

  it("is refused with a reason, or is none at all: no bytes are in between", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 8 }), (bytes, channels) => {
        const check = () => checkDatagram(bytes, channels);
        if (isDatagram(bytes, channels)) expect(check).not.toThrow();
        else expect(check).toThrow(/^invalid datagram: /);
      }),
    );
  });

  it.each([
    [{ ...PLAIN, sequence: -1 }, 2, "sequence is -1, not a whole number from 0 to 4294967295"],
    [{ ...PLAIN, sequence: 2 ** 32 }, 2, "sequence is 4294967296, not a whole number from 0 to 4294967295"],
    [{ ...PLAIN, timestampMs: 0.5 }, 2, "timestampMs is 0.5, not a whole number from 0 to 4294967295"],
    [PLAIN, 3, "3 bytes are no whole number of 16-bit samples up to 32747"],
    [PLAIN, 65_496, "65496 bytes are no whole number of 16-bit samples up to 32747"],
    [PLAIN, 0, "only the end of a stream may be without samples"],
  ])("is not made of wrong values (%#)", (header, bytes, message) => {
    expect(() => formatDatagram(header, new Uint8Array(bytes))).toThrow(new RangeError(message));
  });
});
