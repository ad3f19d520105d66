import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatMetadata, parseMetadata, type RecordingMetadata } from "../src/index.js";
import { kitchen, recordings } from "./recordings.js";
import { ascii, chunk, join } from "./riff-files.js";

const BEXT = 8 + 602;

function bextText(bytes: Uint8Array, offset: number, length: number): string {
  return Buffer.from(bytes.subarray(8 + offset, 8 + offset + length))
    .toString("latin1")
    .replace(/\0+$/, "");
}

describe("formatMetadata", () => {
  it("writes bext as EBU Tech 3285 version 1 lays it out", () => {
    const bytes = formatMetadata(kitchen, 320_000);
    const view = new DataView(bytes.buffer);
    expect(bextText(bytes, -8, 4)).toBe("bext");
    expect(view.getUint32(4, true)).toBe(602);
    expect(bextText(bytes, 0, 256)).toBe("device kitchen, stream 7, websocket");
    expect(bextText(bytes, 256, 32)).toBe("audio-receiver 0.1.0");
    expect(bextText(bytes, 288, 32)).toBe("7-1795295222123456");
    expect(bextText(bytes, 320, 10)).toBe("2026-11-21");
    expect(bextText(bytes, 330, 8)).toBe("22:07:02");
    expect(view.getBigUint64(8 + 338, true)).toBe(BigInt((22 * 3600 + 7 * 60 + 2) * 16_000 + 1975));
    expect(view.getUint16(8 + 346, true)).toBe(1);
    expect(bytes.subarray(8 + 348, BEXT).every((byte) => byte === 0)).toBe(true);
  });

  it("puts a pad byte after odd data, and nothing but whole words after it", () => {
    const even = formatMetadata(kitchen, 6);
    expect(even.byteLength % 2).toBe(0);
    expect(formatMetadata(kitchen, 9)).toEqual(join([0], even));
  });

  it("keeps the last microsecond of a day within the day", () => {
    const local = { ...kitchen.local, hour: 23, minute: 59, second: 59, microsecond: 999_999 };
    const view = new DataView(formatMetadata({ ...kitchen, local }, 0).buffer);
    expect(view.getBigUint64(8 + 338, true)).toBe(BigInt(86_400 * 16_000 - 1));
  });

  it("stays ASCII in bext and JSON, UTF-8 in INFO", () => {
    const bytes = formatMetadata({ ...kitchen, device: "Küche 廊 🎙 \ud800\n" }, 0);
    expect(bextText(bytes, 0, 256)).toBe("device K?che ? ? ??, stream 7, websocket");
    const info = Buffer.from(bytes.subarray(BEXT)).toString("utf8");
    expect(info).toContain("Küche 廊 🎙 \ufffd \0");
    expect(info).toContain('"device":"K\\u00fcche \\u5eca \\ud83c\\udf99 \\ud800\\n"');
  });

  it("lists 1000 gaps and counts the others", () => {
    const gaps = Array.from({ length: 1234 }, (_, i) => ({
      startUs: i,
      samples: 1,
      cause: "overload",
      filled: false,
    }));
    const read = parseMetadata(formatMetadata({ ...kitchen, gaps }, 0));
    expect(read).toEqual({ ...kitchen, gaps: gaps.slice(0, 1000), omittedGaps: 234 });
    expect(parseMetadata(formatMetadata(read!, 0))).toEqual(read);
  });

  it.each([
    [{ startUs: -1 }, "startUs is -1, allowed is 0 … 9007199254740991"],
    [{ streamId: 2 ** 32 }, "streamId is 4294967296, allowed is 0 … 4294967295"],
    [{ samples: 0.5 }, "samples is 0.5"],
    [{ sampleRate: 0 }, "sampleRate is 0, allowed is 1"],
    [{ local: { ...kitchen.local, hour: 24 } }, "local.hour is 24, allowed is 0 … 23"],
    [{ gaps: [{ startUs: 0, samples: -1, cause: "", filled: true }] }, "gaps[0].samples is -1"],
  ])("refuses %o", (wrong, message) => {
    expect(() => formatMetadata({ ...kitchen, ...wrong }, 0)).toThrow(RangeError);
    expect(() => formatMetadata({ ...kitchen, ...wrong }, 0)).toThrow(message);
  });
});

describe("parseMetadata", () => {
  it("is the inverse of formatMetadata", () => {
    fc.assert(
      fc.property(recordings, fc.nat(9), (recording, dataBytes) => {
        expect(parseMetadata(formatMetadata(recording, dataBytes))).toStrictEqual(recording);
      }),
    );
  });

  it("finds ours among other chunks", () => {
    const others = join(
      chunk("LIST", ascii("adtlICMT")),
      chunk("LIST", join(ascii("INFO"), chunk("ICMT", ascii("recorded with love\0")))),
      chunk("id3 ", [1, 2, 3]),
    );
    expect(parseMetadata(join(others, formatMetadata(kitchen, 0)))).toEqual(kitchen);
    expect(parseMetadata(others)).toBeUndefined();
  });

  it("takes all of it or nothing, wherever the chunks are cut", () => {
    const whole = formatMetadata(kitchen, 3);
    for (let end = 0; end < whole.byteLength - 1; end++) {
      expect(parseMetadata(whole.subarray(0, end))).toBeUndefined();
    }
  });

  const comment = (json: unknown) =>
    chunk("LIST", join(ascii("INFO"), chunk("ICMT", ascii(`${JSON.stringify(json)}\0`))));
  const fields: Record<string, unknown> = { ...kitchen, local: "2026-11-21T22:07:02.123456" };

  it("takes the same fields from any writer of JSON", () => {
    expect(parseMetadata(comment(fields))).toEqual(kitchen);
    expect(parseMetadata(comment({ ...fields, more: 1 }))).toEqual(kitchen);
  });

  it.each([
    ["device", 1],
    ["streamId", "7"],
    ["streamId", -1],
    ["source", null],
    ["startUs", "now"],
    ["startUs", 1.5],
    ["local", "2026-11-21 22:07:02"],
    ["local", "2026-13-21T22:07:02.123456"],
    ["local", undefined],
    ["sampleRate", null],
    ["samples", -1],
    ["software", {}],
    ["gaps", undefined],
    ["gaps", [1]],
    ["gaps", [{ startUs: 1, samples: 1, cause: "x", filled: "yes" }]],
    ["omittedGaps", "many"],
  ])("refuses a record whose %s is %o", (field, value) => {
    expect(parseMetadata(comment({ ...fields, [field]: value }))).toBeUndefined();
  });

  it("survives garbage", () => {
    const whole = formatMetadata(kitchen, 0);
    const edits = fc.array(fc.tuple(fc.nat(whole.byteLength - 1), fc.nat(255)), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(edits, (changes) => {
        const bytes = whole.slice();
        for (const [offset, value] of changes) bytes[offset] = value;
        const read: RecordingMetadata | undefined = parseMetadata(bytes);
        if (read !== undefined) expect(() => formatMetadata(read, 0)).not.toThrow();
      }),
      { numRuns: 1000 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => parseMetadata(bytes) === undefined));
  });
});
