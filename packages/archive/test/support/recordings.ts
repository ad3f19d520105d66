import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { formatFrame, formatHandshake } from "@audio/protocol";
import { formatMetadata, formatWavHeader, type PcmFormat, WAV_HEADER_BYTES } from "@audio/wav";
import fc from "fast-check";

/** What a crash may leave of one segment. */
export interface Crashed {
  readonly wav: { readonly format: PcmFormat; readonly audio: Uint8Array; readonly file: Uint8Array };
  readonly bin: {
    readonly preamble: Uint8Array;
    readonly frames: readonly Uint8Array[];
    readonly file: Uint8Array;
  };
}

/** Cut here, or this behind it. */
export type Damage = { readonly cut: number } | { readonly garbage: Uint8Array };

const HANDSHAKE = formatHandshake({
  streamId: 7,
  sampleRate: 16_000,
  channels: 1,
  codec: "pcm16",
  frameSamples: 320,
  timestampMs: 0n,
});

const formats: fc.Arbitrary<PcmFormat> = fc.record({
  sampleRate: fc.constantFrom(8000, 48_000),
  channels: fc.integer({ min: 1, max: 3 }),
  bitsPerSample: fc.constantFrom(16, 24, 32),
});

export const damages: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ cut: fc.double({ min: 0, max: 1, noNaN: true }) }),
  fc.record({ garbage: fc.uint8Array({ maxLength: 60 }) }),
);

export function frameBytes({ channels, bitsPerSample }: PcmFormat): number {
  return (channels * bitsPerSample) / 8;
}

/** A WAV as it stands in progress: its header counts what was there at the last flush, or it is complete. */
export const wavFiles: fc.Arbitrary<Crashed["wav"]> = fc
  .record({
    format: formats,
    frames: fc.nat(60),
    flushed: fc.double({ min: 0, max: 1, noNaN: true }),
    complete: fc.boolean(),
  })
  .map(({ format, frames, flushed, complete }) => {
    const audio = Uint8Array.from({ length: frames * frameBytes(format) }, (_, i) => 1 + ((i * 7) % 250));
    const counted = Math.floor(frames * flushed) * frameBytes(format);
    if (!complete) return { format, audio, file: Buffer.concat([formatWavHeader(format, counted), audio]) };
    const metadata = formatMetadata(metadataOf(format, frames), audio.length);
    return {
      format,
      audio,
      file: Buffer.concat([formatWavHeader(format, audio.length, metadata.length), audio, metadata]),
    };
  });

export const binFiles: fc.Arbitrary<Crashed["bin"]> = fc
  .record({
    withHandshake: fc.boolean(),
    payloads: fc.array(fc.uint8Array({ minLength: 1, maxLength: 90 }), { maxLength: 12 }),
  })
  .map(({ withHandshake, payloads }) => {
    const frames = payloads.map((payload, seq) =>
      formatFrame(seq % 2 === 0 ? "pcm16" : "ima-adpcm", seq, payload),
    );
    const preamble = withHandshake ? HANDSHAKE : new Uint8Array(0);
    return { preamble, frames, file: Buffer.concat([preamble, ...frames]) };
  });

export function damaged(file: Uint8Array, damage: Damage): Uint8Array {
  return "cut" in damage
    ? file.subarray(0, Math.round(file.length * damage.cut))
    : Buffer.concat([file, damage.garbage]);
}

export function metadataOf(format: PcmFormat, samples: number) {
  const local = { year: 2026, month: 11, day: 21, hour: 22, minute: 1, second: 2, microsecond: 3 };
  const { sampleRate } = format;
  return {
    source: "tcp",
    startUs: 1_795_294_862_000_003,
    local,
    sampleRate,
    samples,
    software: "test",
    gaps: [],
  };
}

export function put(folder: string, path: string, content: Uint8Array | string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** Audio of a WAV with a 44-byte header, as its header counts it. */
export function audioOf(file: Uint8Array): Buffer {
  const bytes = Buffer.from(file);
  return bytes.subarray(WAV_HEADER_BYTES, WAV_HEADER_BYTES + bytes.readUInt32LE(40));
}

export function contentOf(folder: string, path: string): Buffer {
  return readFileSync(join(folder, path));
}
