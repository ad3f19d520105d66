import fc from "fast-check";
import type { MetadataGap, RecordingMetadata } from "../src/index.js";

export const kitchen: RecordingMetadata = {
  device: "kitchen",
  streamId: 7,
  source: "websocket",
  startUs: 1_795_295_222_123_456, // 2026-11-21T21:07:02.123456Z
  local: { year: 2026, month: 11, day: 21, hour: 22, minute: 7, second: 2, microsecond: 123_456 },
  sampleRate: 16_000,
  samples: 160_000,
  software: "audio-receiver 0.1.0",
  gaps: [{ startUs: 1_795_295_224_000_000, samples: 320, cause: "lost-frames", filled: true }],
};

const text = fc.string({ unit: "binary", maxLength: 40 });

const gap: fc.Arbitrary<MetadataGap> = fc.record(
  {
    startUs: fc.maxSafeNat(),
    samples: fc.maxSafeNat(),
    cause: text,
    filled: fc.boolean(),
  },
  { noNullPrototype: true },
);

export const recordings: fc.Arbitrary<RecordingMetadata> = fc.record(
  {
    device: text,
    streamId: fc.nat(0xffff_ffff),
    source: text,
    startUs: fc.maxSafeNat(),
    local: fc.record(
      {
        year: fc.nat(9999),
        month: fc.integer({ min: 1, max: 12 }),
        day: fc.integer({ min: 1, max: 31 }),
        hour: fc.nat(23),
        minute: fc.nat(59),
        second: fc.nat(59),
        microsecond: fc.nat(999_999),
      },
      { noNullPrototype: true },
    ),
    sampleRate: fc.integer({ min: 1, max: 0xffff_ffff }),
    samples: fc.maxSafeNat(),
    software: text,
    gaps: fc.array(gap, { maxLength: 5 }),
    omittedGaps: fc.integer({ min: 1, max: 1e9 }),
  },
  {
    requiredKeys: ["source", "startUs", "local", "sampleRate", "samples", "software", "gaps"],
    noNullPrototype: true,
  },
);
