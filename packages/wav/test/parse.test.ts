import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatWavHeader, parseWavHeader, WavError } from "../src/index.js";
import { ascii, chunk, fmt, join, riff, u32, wavFile } from "./riff-files.js";

const UNKNOWN = 0xffff_ffff;
const PCM_GUID = [1, 0, 0, 0, 0, 0, 16, 0, 128, 0, 0, 170, 0, 56, 155, 113];
const extensible = (guid: number[]) => [22, 0, 24, 0, 4, 0, 0, 0, ...guid];

function errorOf(bytes: Uint8Array): WavError {
  try {
    parseWavHeader(bytes);
  } catch (error) {
    if (error instanceof WavError) return error;
    throw error;
  }
  throw new Error("no error");
}

describe("parseWavHeader", () => {
  it.each([
    [
      { tag: 1, bitsPerSample: 8 },
      { encoding: "pcm", blockAlign: 1 },
    ],
    [
      { tag: 1, bitsPerSample: 24, channels: 6 },
      { encoding: "pcm", blockAlign: 18 },
    ],
    [
      { tag: 1, bitsPerSample: 20, blockAlign: 3 },
      { encoding: "pcm", bitsPerSample: 24 },
    ],
    [{ tag: 3, bitsPerSample: 32 }, { encoding: "float" }],
    [
      { tag: 3, bitsPerSample: 64, channels: 2 },
      { encoding: "float", blockAlign: 16 },
    ],
    [{ tag: 6, bitsPerSample: 8, extension: [0, 0] }, { encoding: "alaw" }],
    [{ tag: 7, bitsPerSample: 8, extension: [0, 0] }, { encoding: "mulaw" }],
    [
      { tag: 0xfffe, bitsPerSample: 24, extension: extensible(PCM_GUID) },
      { encoding: "pcm", blockAlign: 3 },
    ],
    [{ tag: 0x11, bitsPerSample: 4, blockAlign: 256, extension: [2, 0, 0xf9, 1] }, { samplesPerBlock: 505 }],
    [
      { tag: 0x11, bitsPerSample: 4, blockAlign: 256 },
      { encoding: "ima-adpcm", samplesPerBlock: 505 },
    ],
    [{ tag: 0x11, bitsPerSample: 4, channels: 2, blockAlign: 1024 }, { samplesPerBlock: 1017 }],
  ])("understands %o", (fields, expected) => {
    expect(parseWavHeader(wavFile(fields, new Uint8Array(40)))).toMatchObject({ ...expected, dataBytes: 40 });
  });

  it("asks for more at every byte before the audio", () => {
    const odd = chunk("LIST", ascii("INFO?"));
    const file = riff([
      chunk("JUNK", new Uint8Array(28)),
      odd,
      fmt({ tag: 1 }),
      chunk("bext", [1]),
      chunk("data", [1, 2]),
    ]);
    const dataOffset = file.byteLength - 2;
    for (let end = 0; end < dataOffset; end++) expect(parseWavHeader(file.subarray(0, end))).toBeUndefined();
    expect(parseWavHeader(file.subarray(0, dataOffset))).toMatchObject({ dataOffset, dataBytes: 2 });
  });

  it("reads bytes at any offset of a buffer", () => {
    const shifted = join([1, 2, 3], wavFile({ tag: 1 }, new Uint8Array(4))).subarray(3);
    expect(parseWavHeader(shifted)).toMatchObject({ dataOffset: 44, dataBytes: 4 });
  });

  it("does not believe in an end that a stream could not know", () => {
    const dataOfSize = (size: number, riffSize: number) =>
      parseWavHeader(riff([fmt({ tag: 1 }), chunk("data", [], size)], "RIFF", riffSize))?.dataBytes;
    expect(dataOfSize(UNKNOWN, UNKNOWN)).toBe(Infinity);
    expect(dataOfSize(0, 0)).toBe(Infinity);
    expect(dataOfSize(0, 36)).toBe(Infinity);
    expect(dataOfSize(0, UNKNOWN)).toBe(Infinity);
    expect(dataOfSize(0x7fff_0000, 0x7fff_0024)).toBe(0x7fff_0000);
    expect(dataOfSize(0, 36 + 700)).toBe(0); // 700 bytes of other chunks follow: really empty
  });

  it.each(["RF64", "BW64"])("takes sizes over 4 GiB from %s's ds64", (container) => {
    const sizes = new BigUint64Array([9_000_000_100n, 9_000_000_000n, 0n]);
    const front = [chunk("ds64", join(new Uint8Array(sizes.buffer), u32(0))), fmt({ tag: 1 })];
    const parse = (size: number) =>
      parseWavHeader(riff([...front, chunk("data", [], size)], container, UNKNOWN));
    expect(parse(UNKNOWN)?.dataBytes).toBe(9_000_000_000);
    expect(parse(1000)?.dataBytes).toBe(1000);
    sizes.fill(0xffff_ffff_ffff_ffffn);
    front[0] = chunk("ds64", join(new Uint8Array(sizes.buffer), u32(0)));
    expect(parse(UNKNOWN)?.dataBytes).toBe(Infinity);
  });

  it.each([
    [
      join(ascii("OggS"), u32(0)),
      "not-wav",
      'not a WAV file: begins with "OggS", not "RIFF", "RF64" or "BW64"',
    ],
    [Uint8Array.of(0x1b, 0x5b, 0x9b, 0), "not-wav", 'begins with "\\x1b[\\x9b\\x00"'],
    [join(ascii("RIFF"), u32(4), ascii("AVI ")), "not-wav", 'RIFF form is "AVI ", not "WAVE"'],
    [
      wavFile({ tag: 0x55 }, new Uint8Array(2)),
      "unsupported-encoding",
      "WAV encoding 0x0055 (MP3) is not one of PCM, float, A-law, µ-law, IMA ADPCM",
    ],
    [
      wavFile({ tag: 0x1234 }, new Uint8Array(2)),
      "unsupported-encoding",
      "WAV encoding 0x1234 is not one of",
    ],
    [
      wavFile(
        { tag: 0xfffe, bitsPerSample: 24, extension: extensible([...PCM_GUID].reverse()) },
        new Uint8Array(3),
      ),
      "unsupported-encoding",
      "unknown sub-format GUID",
    ],
    [wavFile({ tag: 0xfffe }, new Uint8Array(2)), "invalid-header", '"fmt " chunk is 16 bytes, needs 40'],
    [
      wavFile({ tag: 1, channels: 0 }, new Uint8Array(2)),
      "invalid-header",
      "channels is 0, must be at least 1",
    ],
    [wavFile({ tag: 1, sampleRate: 0 }, new Uint8Array(2)), "invalid-header", "sample rate is 0 Hz"],
    [
      wavFile({ tag: 1, bitsPerSample: 0 }, new Uint8Array(2)),
      "unsupported-encoding",
      "pcm has 0 bits per sample",
    ],
    [
      wavFile({ tag: 1, bitsPerSample: 64 }, new Uint8Array(8)),
      "unsupported-encoding",
      "allowed is 8, 16, 24, 32",
    ],
    [wavFile({ tag: 3, bitsPerSample: 16 }, new Uint8Array(2)), "unsupported-encoding", "allowed is 32, 64"],
    [
      wavFile({ tag: 1, channels: 2, blockAlign: 2 }, new Uint8Array(4)),
      "invalid-header",
      "block align is 2 bytes, 2 × 16 bits need 4",
    ],
    [
      wavFile({ tag: 0x11, bitsPerSample: 4, channels: 3 }, new Uint8Array(4)),
      "invalid-header",
      "3 channels",
    ],
    [
      wavFile({ tag: 0x11, bitsPerSample: 3, blockAlign: 256 }, new Uint8Array(4)),
      "invalid-header",
      "3 bits",
    ],
    [
      wavFile({ tag: 0x11, bitsPerSample: 4, blockAlign: 3 }, new Uint8Array(4)),
      "invalid-header",
      "is 3 bytes",
    ],
    [
      wavFile(
        { tag: 0x11, bitsPerSample: 4, blockAlign: 256, extension: [2, 0, 0xfa, 1] },
        new Uint8Array(4),
      ),
      "invalid-header",
      "block of 256 bytes claims 506 samples, holds 505",
    ],
    [riff([chunk("data", [1, 2])]), "invalid-header", 'no "fmt " chunk before "data"'],
    [riff([chunk("fmt ", [1, 0, 1, 0])]), "invalid-header", 'chunk "fmt " is 4 bytes, needs 16'],
    [riff([chunk("ds64", [1, 0])], "RF64"), "invalid-header", 'chunk "ds64" is 2 bytes, needs 16'],
    [
      riff([fmt({ tag: 1 }), chunk("LIST", [], 0xffff_fff0)]),
      "header-too-large",
      'chunk "LIST" at byte 36 is 4294967280 bytes; "data" must begin within the first 1048576',
    ],
    [riff([chunk("fmt ", [], UNKNOWN)]), "header-too-large", 'chunk "fmt " at byte 12'],
  ] as const)("refuses file %#", (bytes, code, message) => {
    const error = errorOf(bytes);
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });

  it("never asks for more than 1 MiB, however many chunks there are", () => {
    const empty = Array.from({ length: 140_000 }, () => chunk("JUNK", []));
    const file = new Uint8Array(1_048_576);
    file.set(ascii("RIFF"));
    file.set(ascii("WAVE"), 8);
    for (const [i, junk] of empty.slice(0, 131_070).entries()) file.set(junk, 12 + 8 * i);
    expect(errorOf(file).code).toBe("header-too-large");
  });

  it("throws nothing but WavError, whatever the bytes", () => {
    const whole = join(
      formatWavHeader({ sampleRate: 8000, channels: 2, bitsPerSample: 16 }, 40),
      new Uint8Array(40),
    );
    const damage = fc.array(fc.tuple(fc.nat(whole.byteLength - 1), fc.nat(255)), { maxLength: 6 });
    fc.assert(
      fc.property(damage, fc.nat(whole.byteLength), (edits, length) => {
        const bytes = whole.slice();
        for (const [offset, value] of edits) bytes[offset] = value;
        try {
          const header = parseWavHeader(bytes.subarray(0, length));
          if (header !== undefined) expect(header.blockAlign).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(WavError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
