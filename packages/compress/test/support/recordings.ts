import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatMetadata, formatWavHeader, type PcmFormat, type RecordingMetadata } from "@audio/wav";
import { afterAll } from "vitest";

/** A folder for a test file, removed with everything in it when its tests have ended. */
export function temporaryFolder(): () => string {
  const root = mkdtempSync(join(tmpdir(), "audio-compress-test-"));
  let count = 0;
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  return () => mkdtempSync(join(root, `${++count}-`));
}

/** A tone that differs per channel, with noise over it: no two sample frames alike, and full scale now and then. */
export function sound({ sampleRate, channels, bitsPerSample }: PcmFormat, samples: number): Buffer {
  const bytes = bitsPerSample / 8;
  const pcm = Buffer.alloc(samples * channels * bytes);
  const full = 2 ** (bitsPerSample - 1) - 1;
  let noise = 1;
  for (let i = 0; i < samples * channels; i++) {
    noise = (Math.imul(noise, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    const frame = Math.floor(i / channels);
    const tone = Math.sin((2 * Math.PI * (200 + 90 * (i % channels)) * frame) / sampleRate);
    const level = frame % 997 === 0 ? 1 : 0.5 * tone + 0.1 * (noise / 0x4000_0000 - 1);
    pcm.writeIntLE(Math.round(level * full), i * bytes, bytes);
  }
  return pcm;
}

export const MONO_16K: PcmFormat = { sampleRate: 16_000, channels: 1, bitsPerSample: 16 };

/** What the recorder would say of `samples` of `format`. */
export function metadataOf({ sampleRate }: PcmFormat, samples: number): RecordingMetadata {
  return {
    device: "Küche = 1; #2 \\ 🎙",
    streamId: 7,
    source: "websocket",
    startUs: 1_790_000_000_123_456,
    local: { year: 2026, month: 9, day: 21, hour: 16, minute: 53, second: 20, microsecond: 123_456 },
    sampleRate,
    samples,
    software: "audio-receiver 0.1.0",
    gaps: [{ startUs: 1_790_000_000_500_000, samples: 320, cause: "lost-frames", filled: true }],
  };
}

/** Writes a finished recording as the recorder does. */
export function writeWav(path: string, format: PcmFormat, pcm: Buffer, metadata?: RecordingMetadata): string {
  const chunks = metadata === undefined ? Buffer.alloc(0) : formatMetadata(metadata, pcm.byteLength);
  writeFileSync(
    path,
    Buffer.concat([formatWavHeader(format, pcm.byteLength, chunks.byteLength), pcm, chunks]),
  );
  return path;
}

/** A folder with `speech.wav`, and its samples. */
export function recording(folder: string, format: PcmFormat = MONO_16K, samples = format.sampleRate * 2) {
  const pcm = sound(format, samples);
  const metadata = metadataOf(format, samples);
  const path = writeWav(join(folder, "speech.wav"), format, pcm, metadata);
  return { path, pcm, metadata, format, samples };
}
