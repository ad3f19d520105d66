import { TimeZone } from "@audio/segments";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  DEFAULT_KEYS,
  formatKey,
  type KeyFields,
  keyTemplateFault,
  parseSegmentMetadata,
  retryDelayMs,
  segmentMetadata,
} from "../src/index.js";
import { numberedKey } from "../src/key-template.js";
import { formatMetadata, parseMetadata } from "../src/metadata.js";

const fields: KeyFields = {
  prefix: "received",
  device: "kitchen",
  source: "websocket",
  streamId: 7,
  path: "received/kitchen/stream_7_kitchen_20260101_003000.flac",
  startUs: Date.UTC(2025, 11, 31, 23, 30) * 1000,
};
const vienna = new TimeZone("Europe/Vienna");

describe("a key", () => {
  it.each<[string, Partial<KeyFields>, string]>([
    [DEFAULT_KEYS.websocket, {}, "received/kitchen/stream_7_kitchen_20260101_003000.flac"],
    [
      DEFAULT_KEYS.websocket,
      { device: undefined, path: "received/stream_7_20260101_003000.wav" },
      "received/stream_7_20260101_003000.wav",
    ],
    [
      DEFAULT_KEYS.pcm,
      { source: "tcp", device: "192.0.2.7", path: "audio/2026-01-01/2026-01-01_0030.wav" },
      "received/2026-01-01/2026-01-01_0030.wav",
    ],
    ["{prefix}/{hwid}/{file}", { prefix: "" }, "kitchen/stream_7_kitchen_20260101_003000.flac"],
    [
      "{prefix}/{yyyy}/{MM}/{dd}/{HH}{mm}{ss}-{stream}-{source}/{file}",
      {},
      "received/2026/01/01/003000-7-websocket/stream_7_kitchen_20260101_003000.flac",
    ],
    ["backup/{path}", {}, "backup/received/kitchen/stream_7_kitchen_20260101_003000.flac"],
  ])("of %s with %j", (template, other, expected) => {
    expect(formatKey(template, { ...fields, ...other }, vienna)).toBe(expected);
  });

  it.each<[string, Partial<KeyFields>]>([
    ["{prefix}/{hwid}/{file}", { device: ".." }],
    ["{path}", { path: "a/../../b.wav" }],
    ["{file}", { path: "a\u0000b.wav" }],
    ["{prefix}/{file}", { prefix: "x".repeat(1024) }],
  ])("of %s with %j is refused", (template, other) => {
    expect(() => formatKey(template, { ...fields, ...other }, vienna)).toThrow(RangeError);
  });

  it.each([
    ["{prefix}/{hwid}", "needs {file} or {path}"],
    ["{file}{id}", "{id} is not one of"],
    ["{file} x", "allowed are"],
    ["{constructor}/{file}", "{constructor} is not one of"],
  ])("template %s is refused", (template, why) => {
    expect(keyTemplateFault(template)).toContain(why);
  });

  it("that is taken gets a number before its extension", () => {
    const names = ["a/b.wav", "a.b/c", "a/b.tar.gz", "a/.hidden"];
    expect(names.map((key) => numberedKey(key, 1))).toEqual(names);
    expect(names.map((key) => numberedKey(key, 2))).toEqual([
      "a/b_2.wav",
      "a.b/c_2",
      "a/b.tar_2.gz",
      "a/_2.hidden",
    ]);
  });
});

describe("metadata", () => {
  it("is ASCII in a header, and the same text afterwards", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (text) => {
        const headers = formatMetadata({ device: text });
        expect(headers.device).toMatch(/^[!-~]*$/);
        expect(parseMetadata(headers)).toEqual({ device: text });
      }),
    );
    expect(formatMetadata({ device: "\ud800", nothing: undefined })).toEqual({ device: "%EF%BF%BD" });
    expect(parseMetadata({ "of-others": "100 %" })).toEqual({ "of-others": "100 %" });
  });

  it("holds a segment's facts, or none", () => {
    const facts = {
      stem: "audio/2026-01-01/2026-01-01_0030",
      device: undefined,
      source: "tcp",
      streamId: 0,
      startUs: fields.startUs,
      samples: 9_600_000,
      sampleRate: 16_000,
      channels: 2,
      bitsPerSample: 24,
      gaps: [
        { startUs: fields.startUs + 15_000, samples: 320, cause: "lost-frames", filled: true },
        { startUs: fields.startUs - 1, samples: 960_000, cause: "disconnected", filled: false },
      ],
    };
    const back = parseMetadata(formatMetadata(segmentMetadata(facts)));
    expect(parseSegmentMetadata(back)).toEqual(facts);
    expect(parseSegmentMetadata({ ...back, samples: "-1" })).toBeUndefined();
    expect(parseSegmentMetadata({})).toBeUndefined();
    expect(parseSegmentMetadata({ ...back, gaps: "x~1.2~-5.6.overload~7.8.a b" })?.gaps).toEqual([
      { startUs: facts.startUs - 5, samples: 6, cause: "overload", filled: false },
    ]);
  });

  it("holds as many gaps as there is room for, and none rather than too many", () => {
    const gap = { startUs: fields.startUs, samples: 320, cause: "lost-frames", filled: true };
    const facts = {
      ...{ stem: "a/b", device: "porch", source: "tcp", streamId: 0, startUs: fields.startUs, samples: 1 },
      ...{ sampleRate: 16_000, channels: 1, bitsPerSample: 16, gaps: Array(1000).fill(gap) },
    };
    const back = (stem: string) =>
      parseSegmentMetadata(parseMetadata(formatMetadata(segmentMetadata({ ...facts, stem }))));
    expect(back("a/b")?.gaps.length).toBe(50);
    expect(back("ä".repeat(250))?.gaps).toEqual([]);
  });

  it("that no store takes is refused", () => {
    expect(() => formatMetadata({ "Device Name": "x" })).toThrow(RangeError);
    expect(() => formatMetadata({ device: "ü".repeat(400) })).toThrow(/metadata is 2406 bytes, limit 1920/);
  });
});

it("waits longer and longer, up to 15 minutes, and at random", () => {
  expect([1, 2, 3, 10, 11, 1000].map((attempt) => retryDelayMs(attempt, 0.5))).toEqual([
    500, 1000, 2000, 256_000, 450_000, 450_000,
  ]);
  expect(retryDelayMs(20, 0)).toBe(0);
  expect(retryDelayMs(20, 0.999_999)).toBeLessThanOrEqual(900_000);
});
