/** Everything legal, over its full range. */
import fc from "fast-check";
import { formatFrame, type Handshake, type StreamFormat } from "../src/index.js";

export const u32 = fc.integer({ min: 0, max: 0xffff_ffff });

/** Formats that a handshake may name, with at most `maxSamples` samples per channel in a frame. */
export function formats(maxSamples = 65_535): fc.Arbitrary<StreamFormat> {
  const frameSamples = fc.integer({ min: 1, max: maxSamples });
  return fc.oneof(
    fc.record({
      codec: fc.constant("pcm16" as const),
      channels: fc.integer({ min: 1, max: 8 }),
      frameSamples,
    }),
    fc.record({ codec: fc.constant("ima-adpcm" as const), channels: fc.constant(1), frameSamples }),
    fc.record({
      codec: fc.constant("ima-adpcm" as const),
      channels: fc.constant(2),
      frameSamples: fc.integer({ min: 1, max: Math.floor(maxSamples / 8) }).map((groups) => groups * 8),
    }),
  );
}

export const handshakes: fc.Arbitrary<Handshake> = fc
  .tuple(
    formats(),
    fc.record({
      streamId: u32,
      sampleRate: fc.integer({ min: 1000, max: 384_000 }),
      timestampMs: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    }),
  )
  .map(([format, rest]) => ({ ...format, ...rest }));

/** A payload of the given data bytes (ADPCM: after the block headers), with legal step indices. */
export function payloadOf(format: StreamFormat, dataBytes: number, fill = 0x5a): Uint8Array {
  if (format.codec === "pcm16") return new Uint8Array(dataBytes).fill(fill);
  const payload = new Uint8Array(format.channels * 4 + dataBytes).fill(fill);
  for (let channel = 0; channel < format.channels; channel++) payload[channel * 4 + 2] = fill % 89;
  return payload;
}

/** Smallest step of a payload's data, and the most that is legal, in bytes. */
export function dataLimits({ codec, channels, frameSamples }: StreamFormat): { unit: number; most: number } {
  if (codec === "pcm16") return { unit: channels * 2, most: channels * 2 * frameSamples };
  const most = channels * (Math.ceil(frameSamples / 2) + 16);
  return { unit: channels === 2 ? 8 : 1, most };
}

/** Legal frame messages of a format, with any sequence number. */
export function messages(format: StreamFormat): fc.Arbitrary<Uint8Array> {
  const { unit, most } = dataLimits(format);
  return fc
    .tuple(u32, fc.integer({ min: 1, max: most / unit }), fc.nat(255))
    .map(([seq, units, fill]) => formatFrame(format.codec, seq, payloadOf(format, units * unit, fill)));
}
