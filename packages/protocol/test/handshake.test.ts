import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatHandshake,
  HANDSHAKE_BYTES,
  type Handshake,
  ProtocolError,
  parseHandshake,
  startsHandshake,
} from "../src/index.js";
import { handshakes } from "./arbitraries.js";
import { withU16, withU32 } from "./bytes.js";

const VECTORS = join(import.meta.dirname, "..", "..", "..", "test", "vectors");

const kitchen: Handshake = {
  streamId: 7,
  sampleRate: 16_000,
  channels: 1,
  codec: "ima-adpcm",
  frameSamples: 320,
  timestampMs: 1_767_225_600_123n,
};
const bytes = formatHandshake(kitchen);

function refused(message: string): ProtocolError {
  return new ProtocolError("invalid-handshake", `invalid handshake: ${message}`);
}

describe("the golden bytes", () => {
  const golden = readFileSync(join(VECTORS, "handshake.bin"));
  const { hex, fields } = JSON.parse(readFileSync(join(VECTORS, "index.json"), "utf8")).handshake;

  it("are written", () => {
    expect(Buffer.from(bytes).toString("hex")).toBe(hex);
    expect(Buffer.from(bytes)).toEqual(golden);
  });

  it("are read", () => {
    const { streamId, sampleRate, channels, codec, frameSamples, timestampMs } = fields;
    const expected = { streamId, sampleRate, channels, codec, frameSamples };
    expect(parseHandshake(golden)).toEqual({ ...expected, timestampMs: BigInt(timestampMs) });
  });

  it("begin with 43 50 44 41", () => {
    expect(Array.from(golden.subarray(0, 4))).toEqual([0x43, 0x50, 0x44, 0x41]);
  });
});

describe("parseHandshake", () => {
  it("reads what formatHandshake writes", () => {
    fc.assert(
      fc.property(handshakes, (handshake) => {
        const message = formatHandshake(handshake);
        expect(message.length).toBe(HANDSHAKE_BYTES);
        expect(parseHandshake(message)).toEqual(handshake);
      }),
    );
  });

  it.each([
    [
      "least",
      { streamId: 0, sampleRate: 1000, channels: 1, codec: "pcm16", frameSamples: 1, timestampMs: 0n },
    ],
    [
      "greatest",
      {
        streamId: 0xffff_ffff,
        sampleRate: 384_000,
        channels: 8,
        codec: "pcm16",
        frameSamples: 65_535,
        timestampMs: 2n ** 64n - 1n,
      },
    ],
    ["greatest of stereo ADPCM", { ...kitchen, channels: 2, frameSamples: 65_528 }],
  ] as [string, Handshake][])("takes the %s values", (_, handshake) => {
    expect(parseHandshake(formatHandshake(handshake))).toEqual(handshake);
  });

  it.each([0, 1, 8, 31, 33, 64, 1_048_576])("refuses %d bytes", (length) => {
    const message = new Uint8Array(length);
    message.set(bytes.subarray(0, length));
    expect(() => parseHandshake(message)).toThrow(refused(`message is ${length} bytes, not 32`));
  });

  it.each([
    ["magic", withU32(bytes, 0, 0x41445046), "magic 0x41445046 is not 0x41445043"],
    ["small magic", withU32(bytes, 0, 0xff), "magic 0x000000ff is not 0x41445043"],
    ["version 0", withU16(bytes, 4, 0), "version 0 is not 1"],
    ["version 2", withU16(bytes, 4, 2), "version 2 is not 1"],
    ["header_len", withU16(bytes, 6, 40), "header_len 40 is not 32"],
    ["sample_rate 0", withU32(bytes, 12, 0), "sample_rate 0 is not 1000 … 384000 Hz"],
    ["sample_rate 999", withU32(bytes, 12, 999), "sample_rate 999 is not 1000 … 384000 Hz"],
    ["sample_rate 384001", withU32(bytes, 12, 384_001), "sample_rate 384001 is not 1000 … 384000 Hz"],
    ["channels 0", withU16(bytes, 16, 0), "channels 0 is not 1 … 8"],
    ["channels 9", withU16(withU16(bytes, 18, 0), 16, 9), "channels 9 is not 1 … 8"],
    ["ADPCM of 3 channels", withU16(bytes, 16, 3), "channels 3 is not 1 or 2, as IMA ADPCM needs"],
    ["codec 2", withU16(bytes, 18, 2), "codec 2 is not 0 (PCM16) or 1 (IMA ADPCM)"],
    ["codec 7", withU16(bytes, 18, 7), "codec 7 is not 0 (PCM16) or 1 (IMA ADPCM)"],
    ["codec 65535", withU16(bytes, 18, 65_535), "codec 65535 is not 0 (PCM16) or 1 (IMA ADPCM)"],
    ["frame_samples 0", withU16(bytes, 20, 0), "frame_samples 0 is not 1 … 65535"],
    [
      "stereo ADPCM of broken groups",
      withU16(withU16(bytes, 16, 2), 20, 324),
      "frame_samples 324 is not a multiple of 8, as stereo IMA ADPCM needs",
    ],
  ])("refuses %s", (_, message, reason) => {
    expect(() => parseHandshake(message)).toThrow(refused(reason));
  });

  it("throws a ProtocolError with its code and name", () => {
    const error = caught(() => parseHandshake(new Uint8Array(3)));
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error).toMatchObject({ name: "ProtocolError", code: "invalid-handshake" });
  });

  it("ignores the reserved field", () => {
    expect(parseHandshake(withU16(bytes, 22, 0xbeef))).toEqual(kitchen);
  });

  it("takes 3 channels and broken groups of 8 in PCM", () => {
    const pcm = withU16(withU16(withU16(bytes, 18, 0), 16, 3), 20, 325);
    expect(parseHandshake(pcm)).toEqual({ ...kitchen, codec: "pcm16", channels: 3, frameSamples: 325 });
  });

  it("reads a view into a larger buffer", () => {
    const larger = new Uint8Array(100).fill(0xff);
    larger.set(bytes, 13);
    expect(parseHandshake(larger.subarray(13, 45))).toEqual(kitchen);
  });
});

describe("formatHandshake", () => {
  it.each([
    [{ streamId: -1 }, "stream_id -1 is not 0 … 4294967295"],
    [{ streamId: 2 ** 32 }, "stream_id 4294967296 is not 0 … 4294967295"],
    [{ streamId: 1.5 }, "stream_id 1.5 is not 0 … 4294967295"],
    [{ sampleRate: 999 }, "sample_rate 999 is not 1000 … 384000 Hz"],
    [{ sampleRate: 384_001 }, "sample_rate 384001 is not 1000 … 384000 Hz"],
    [{ sampleRate: 44_100.5 }, "sample_rate 44100.5 is not 1000 … 384000 Hz"],
    [{ sampleRate: Number.NaN }, "sample_rate NaN is not 1000 … 384000 Hz"],
    [{ channels: 0 }, "channels 0 is not 1 … 8"],
    [{ channels: 9 }, "channels 9 is not 1 … 8"],
    [{ channels: 3 }, "channels 3 is not 1 or 2, as IMA ADPCM needs"],
    [{ codec: "opus" as Handshake["codec"] }, "codec opus is not one of pcm16, ima-adpcm"],
    [{ frameSamples: 0 }, "frame_samples 0 is not 1 … 65535"],
    [{ frameSamples: 65_536 }, "frame_samples 65536 is not 1 … 65535"],
    [{ channels: 2, frameSamples: 12 }, "frame_samples 12 is not a multiple of 8, as stereo IMA ADPCM needs"],
    [{ timestampMs: -1n }, "timestamp_ms -1 is not 0 … 18446744073709551615"],
    [{ timestampMs: 2n ** 64n }, "timestamp_ms 18446744073709551616 is not 0 … 18446744073709551615"],
  ])("refuses %o", (change, reason) => {
    const error = caught(() => formatHandshake({ ...kitchen, ...change }));
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toEqual(new RangeError(`invalid handshake: ${reason}`));
  });
});

describe("startsHandshake", () => {
  it("needs no more than the first 8 bytes", () => {
    expect(startsHandshake(bytes)).toBe(true);
    expect(startsHandshake(bytes.subarray(0, 8))).toBe(true);
    for (let length = 0; length < 8; length++) expect(startsHandshake(bytes.subarray(0, length))).toBe(false);
  });

  it("looks at no later field", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (rest) => {
        expect(startsHandshake(Uint8Array.of(...bytes.subarray(0, 8), ...rest))).toBe(true);
      }),
    );
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7])("refuses another byte %d", (at) => {
    const other = new Uint8Array(bytes);
    other[at] ^= 0x80;
    expect(startsHandshake(other)).toBe(false);
  });
});

function caught(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
