import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blockBytes, encodeBlock, initialStates, type NibbleOrder } from "@audio/ima-adpcm";
import { formatWavHeader } from "@audio/wav";
import { afterAll } from "vitest";

/** A folder that is removed after the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "audio-stream-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Interleaved tones with a little noise from a fixed generator: every run codes the same samples. */
export function tones(sampleFrames: number, channels = 1, sampleRate = 16_000): Int16Array {
  const pcm = new Int16Array(sampleFrames * channels);
  let noise = 12_345;
  for (let index = 0; index < pcm.length; index++) {
    noise = (Math.imul(noise, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    const seconds = Math.floor(index / channels) / sampleRate;
    const tone = Math.sin(2 * Math.PI * (440 + 110 * (index % channels)) * seconds);
    pcm[index] = Math.round(tone * 12_000 + ((noise >> 16) % 400));
  }
  return pcm;
}

export function littleEndian(pcm: Int16Array): Buffer {
  const bytes = Buffer.alloc(pcm.length * 2);
  pcm.forEach((sample, index) => {
    bytes.writeInt16LE(sample, index * 2);
  });
  return bytes;
}

export function wavBytes(pcm: Int16Array, channels = 1, sampleRate = 16_000): Buffer {
  const data = littleEndian(pcm);
  return Buffer.concat([formatWavHeader({ sampleRate, channels, bitsPerSample: 16 }, data.length), data]);
}

export function writeWav(path: string, pcm: Int16Array, channels = 1, sampleRate = 16_000): string {
  writeFileSync(path, wavBytes(pcm, channels, sampleRate));
  return path;
}

/** What the stream's payloads must be: the reference encoder, its state carried from frame to frame. */
export function adpcmFrames(
  pcm: Int16Array,
  channels: 1 | 2,
  frameSamples: number,
  order: NibbleOrder = "low",
): Buffer {
  const states = initialStates(channels);
  const blocks: Uint8Array[] = [];
  for (let start = 0; start < pcm.length; start += frameSamples * channels) {
    const count = Math.min(frameSamples, (pcm.length - start) / channels);
    const block = new Uint8Array(blockBytes(count, channels));
    encodeBlock(pcm, start, count, channels, states, block, 0, order);
    blocks.push(block);
  }
  return Buffer.concat(blocks);
}
