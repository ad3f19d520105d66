import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkFrame,
  FRAME_HEADER_BYTES,
  formatFrame,
  MAX_MESSAGE_BYTES,
  maxFrameBytes,
  ProtocolError,
  payloadSampleFrames,
  readFrameHeader,
  type StreamFormat,
  writeFrameHeader,
} from "../src/index.js";
import { dataLimits, formats, messages, payloadOf, u32 } from "./arbitraries.js";
import { withU32 } from "./bytes.js";

const VECTORS = join(import.meta.dirname, "..", "..", "..", "test", "vectors");

const pcmMono: StreamFormat = { codec: "pcm16", channels: 1, frameSamples: 320 };
const pcmStereo: StreamFormat = { codec: "pcm16", channels: 2, frameSamples: 320 };
const adpcmMono: StreamFormat = { codec: "ima-adpcm", channels: 1, frameSamples: 321 };
const adpcmStereo: StreamFormat = { codec: "ima-adpcm", channels: 2, frameSamples: 320 };

function checked(message: Uint8Array, format: StreamFormat, index = 12): number {
  return checkFrame(message, 0, message.length, format, index);
}

function frameOf(format: StreamFormat, dataBytes: number): Uint8Array {
  return formatFrame(format.codec, 41, payloadOf(format, dataBytes));
}

function refused(message: string): ProtocolError {
  return new ProtocolError("invalid-frame", message);
}

describe("checkFrame", () => {
  it("gives the sequence number of every legal message, wherever it stands in a buffer", () => {
    const cases = formats(400).chain((format) =>
      fc.record({
        format: fc.constant(format),
        message: messages(format),
        before: fc.nat(9),
        after: fc.nat(9),
      }),
    );
    fc.assert(
      fc.property(cases, ({ format, message, before, after }) => {
        const buffer = new Uint8Array(before + message.length + after).fill(0xff);
        buffer.set(message, before);
        const seq = checkFrame(buffer, before, before + message.length, format, 1);
        expect(seq).toBe(new DataView(message.buffer).getUint32(8, true));
      }),
    );
  });

  it.each(["sine440", "silence", "noise"])("takes the frames of %s", (name) => {
    const format: StreamFormat = { codec: "ima-adpcm", channels: 1, frameSamples: 320 };
    const payloads = readFileSync(join(VECTORS, `${name}.adpcm-low.bin`));
    expect(payloads.length).toBeGreaterThan(0);
    const header = readFrameHeader(payloads, 0);
    expect(header).toMatchObject({ codec: "ima-adpcm", payloadBytes: 164 });
    for (let at = 0, i = 0; at < payloads.length; at += 176, i++)
      expect(checkFrame(payloads, at, at + 176, format, i)).toBe(i);
  });

  it.each([
    ["one sample, PCM mono", pcmMono, 2],
    ["a full frame, PCM mono", pcmMono, 640],
    ["one sample frame, PCM stereo", pcmStereo, 4],
    ["a full frame, PCM stereo", pcmStereo, 1280],
    ["one byte, ADPCM mono", adpcmMono, 1],
    ["a full frame of an odd number of samples, ADPCM mono", adpcmMono, 161],
    ["16 bytes beyond it, ADPCM mono", adpcmMono, 177],
    ["one group, ADPCM stereo", adpcmStereo, 8],
    ["a full frame, ADPCM stereo", adpcmStereo, 320],
    ["32 bytes beyond it, ADPCM stereo", adpcmStereo, 352],
  ])("takes %s", (_, format, dataBytes) => {
    expect(checked(frameOf(format, dataBytes), format)).toBe(41);
  });

  it.each([
    [pcmMono, 0, "payload is empty, at least one sample frame is needed"],
    [pcmMono, 1, "payload is 1 bytes, not a whole number of 2-byte sample frames"],
    [pcmMono, 641, "payload is 641 bytes, not a whole number of 2-byte sample frames"],
    [pcmMono, 642, "payload is 642 bytes, at most 640 are allowed (frame_samples 320)"],
    [pcmStereo, 2, "payload is 2 bytes, not a whole number of 4-byte sample frames"],
    [pcmStereo, 1284, "payload is 1284 bytes, at most 1280 are allowed (frame_samples 320)"],
    [adpcmMono, 0, "payload is 4 bytes, at least 5 are needed"],
    [adpcmMono, 178, "payload is 182 bytes, at most 181 are allowed (frame_samples 321)"],
    [adpcmStereo, 0, "payload is 8 bytes, at least 16 are needed"],
    [adpcmStereo, 7, "payload is 15 bytes, at least 16 are needed"],
    [adpcmStereo, 12, "payload has 12 bytes of data, not a whole number of 8-byte stereo groups"],
    [adpcmStereo, 353, "payload is 361 bytes, at most 360 are allowed (frame_samples 320)"],
  ])("refuses, for %o, %d bytes of data", (format, dataBytes, reason) => {
    expect(() => checked(frameOf(format, dataBytes), format)).toThrow(refused(`frame 12: ${reason}`));
  });

  it.each([
    [adpcmMono, 0, 5],
    [adpcmMono, 3, 5],
    [adpcmStereo, 4, 16],
  ])("refuses, for %o, a payload of %d bytes, less than its block headers", (format, length, least) => {
    const message = formatFrame("ima-adpcm", 0, new Uint8Array(length));
    expect(() => checked(message, format)).toThrow(
      refused(`frame 12: payload is ${length} bytes, at least ${least} are needed`),
    );
  });

  it.each([
    [adpcmMono, 14],
    [adpcmStereo, 14],
    [adpcmStereo, 18],
  ])("refuses, for %o, a step index over 88 at byte %d", (format, at) => {
    const message = frameOf(format, 16);
    message[at] = 88;
    expect(checked(message, format)).toBe(41);
    for (const stepIndex of [89, 255]) {
      message[at] = stepIndex;
      const reason = `frame 12: step index ${stepIndex} is not 0 … 88`;
      expect(() => checked(message, format)).toThrow(refused(reason));
    }
  });

  it("takes any byte where the mono header has none of a second channel", () => {
    const message = frameOf(adpcmMono, 16);
    message[18] = 255;
    expect(checked(message, adpcmMono)).toBe(41);
  });

  it.each([0, 1, 4, 11])("refuses a message of %d bytes", (length) => {
    const message = frameOf(pcmMono, 640).subarray(0, length);
    expect(() => checked(message, pcmMono, 3)).toThrow(
      refused(`frame 3: message is ${length} bytes, shorter than its 12-byte header`),
    );
  });

  it("refuses the other codec's magic, and the handshake's", () => {
    const needs = "which the handshake's codec needs";
    expect(() => checked(frameOf(adpcmMono, 16), pcmMono)).toThrow(
      refused(`frame 12: magic 0x41445046 is not 0x464d4350, ${needs}`),
    );
    expect(() => checked(frameOf(pcmMono, 16), adpcmMono)).toThrow(
      refused(`frame 12: magic 0x464d4350 is not 0x41445046, ${needs}`),
    );
    expect(() => checked(withU32(frameOf(pcmMono, 16), 0, 0x41445043), pcmMono)).toThrow(
      refused(`frame 12: magic 0x41445043 is not 0x464d4350, ${needs}`),
    );
  });

  it.each([0, 638, 642, 652, 0x8000_0000, 0xffff_ffff])("refuses a length field of %d", (length) => {
    expect(() => checked(withU32(frameOf(pcmMono, 640), 4, length), pcmMono)).toThrow(
      refused(`frame 12: length field says ${length} bytes, but the payload is 640`),
    );
  });

  it("refuses what goes beyond the bound in every format", () => {
    fc.assert(
      fc.property(formats(400), (format) => {
        const { unit, most } = dataLimits(format);
        expect(checked(frameOf(format, most), format)).toBe(41);
        const message = frameOf(format, most + unit);
        expect(() => checked(message, format)).toThrow(`at most ${maxFrameBytes(format) - 12} are allowed`);
      }),
    );
  });
});

describe("maxFrameBytes", () => {
  it.each([
    [pcmMono, 652],
    [pcmStereo, 1292],
    [adpcmMono, 193],
    [adpcmStereo, 372],
    [{ codec: "pcm16", channels: 8, frameSamples: 65_535 } as const, 1_048_572],
  ])("of %o is %d", (format, bytes) => {
    expect(maxFrameBytes(format)).toBe(bytes);
  });

  it("is what the largest legal message has, and never over 1 MiB", () => {
    fc.assert(
      fc.property(formats(), (format) => {
        const { most } = dataLimits(format);
        const headers = format.codec === "pcm16" ? 0 : format.channels * 4;
        expect(maxFrameBytes(format)).toBe(FRAME_HEADER_BYTES + headers + most);
        expect(maxFrameBytes(format)).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
      }),
    );
  });
});

describe("payloadSampleFrames", () => {
  it.each([
    [pcmMono, 2, 1],
    [pcmMono, 640, 320],
    [pcmStereo, 640, 160],
    [adpcmMono, 5, 2],
    [adpcmMono, 164, 320],
    [adpcmMono, 165, 321],
    [adpcmMono, 181, 321],
    [adpcmStereo, 16, 8],
    [adpcmStereo, 320, 312],
    [adpcmStereo, 328, 320],
    [adpcmStereo, 360, 320],
  ])("of %o and %d bytes is %d", (format, payloadBytes, sampleFrames) => {
    expect(payloadSampleFrames(payloadBytes, format)).toBe(sampleFrames);
  });

  it("is a whole number from 1 to frame_samples for every legal frame", () => {
    const cases = formats(400).chain((format) => fc.tuple(fc.constant(format), messages(format)));
    fc.assert(
      fc.property(cases, ([format, message]) => {
        const sampleFrames = payloadSampleFrames(message.length - FRAME_HEADER_BYTES, format);
        expect(Number.isInteger(sampleFrames)).toBe(true);
        expect(sampleFrames).toBeGreaterThanOrEqual(1);
        expect(sampleFrames).toBeLessThanOrEqual(format.frameSamples);
      }),
    );
  });
});

describe("frame headers", () => {
  it("stand as documented", () => {
    expect(Array.from(formatFrame("pcm16", 0x01020304, Uint8Array.of(9, 8)))).toEqual([
      0x50, 0x43, 0x4d, 0x46, 2, 0, 0, 0, 4, 3, 2, 1, 9, 8,
    ]);
    expect(Array.from(formatFrame("ima-adpcm", 5, new Uint8Array(0)))).toEqual([
      0x46, 0x50, 0x44, 0x41, 0, 0, 0, 0, 5, 0, 0, 0,
    ]);
  });

  it("are read as they were written, at any offset", () => {
    const payloads = fc.integer({ min: 0, max: MAX_MESSAGE_BYTES - FRAME_HEADER_BYTES });
    const codecs = fc.constantFrom("pcm16" as const, "ima-adpcm" as const);
    fc.assert(
      fc.property(codecs, payloads, u32, fc.nat(20), (codec, payloadBytes, seq, offset) => {
        const bytes = new Uint8Array(offset + FRAME_HEADER_BYTES + 3).fill(0xee);
        writeFrameHeader(bytes, offset, codec, payloadBytes, seq);
        expect(readFrameHeader(bytes, offset)).toEqual({ codec, payloadBytes, seq });
        expect(bytes.subarray(0, offset).every((byte) => byte === 0xee)).toBe(true);
        expect(bytes.subarray(offset + FRAME_HEADER_BYTES).every((byte) => byte === 0xee)).toBe(true);
      }),
    );
  });

  it("take sequence numbers modulo 2^32", () => {
    expect(readFrameHeader(formatFrame("pcm16", 2 ** 32 + 3, new Uint8Array(2)), 0)?.seq).toBe(3);
    expect(readFrameHeader(formatFrame("pcm16", -1, new Uint8Array(2)), 0)?.seq).toBe(0xffff_ffff);
  });

  it("are none if cut, of another magic, or too large for any message", () => {
    const message = frameOf(pcmMono, 640);
    expect(readFrameHeader(message.subarray(0, 11), 0)).toBeUndefined();
    expect(readFrameHeader(message, message.length - 11)).toBeUndefined();
    expect(readFrameHeader(withU32(message, 0, 0x41445043), 0)).toBeUndefined();
    const most = MAX_MESSAGE_BYTES - FRAME_HEADER_BYTES;
    expect(readFrameHeader(withU32(message, 4, most), 0)?.payloadBytes).toBe(most);
    expect(readFrameHeader(withU32(message, 4, most + 1), 0)).toBeUndefined();
    expect(readFrameHeader(withU32(message, 4, 0xffff_ffff), 0)).toBeUndefined();
  });
});
