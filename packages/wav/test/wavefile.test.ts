import { describe, expect, it } from "vitest";
import wavefile from "wavefile";
import { formatMetadata, formatWavHeader, type PcmFormat, PcmReader, parseWavHeader } from "../src/index.js";
import { kitchen } from "./recordings.js";
import { join } from "./riff-files.js";
import { hardSignal, largestDifference } from "./samples.js";

const RATE = 16_000;

/** Every sample as a signed little-endian integer of `bytes` bytes. */
function integers(samples: readonly number[], bytes: number): Uint8Array {
  const buffer = Buffer.alloc(samples.length * bytes);
  for (const [i, sample] of samples.entries()) buffer.writeIntLE(sample, i * bytes, bytes);
  return buffer;
}

const formats = ([16, 24, 32] as const).flatMap((bitsPerSample) =>
  [1, 2, 8].flatMap((channels) => [true, false].map((named) => ({ bitsPerSample, channels, named }))),
);

describe("wavefile reads what we write", () => {
  it.each(formats)(
    "$bitsPerSample bits, $channels channels, metadata $named",
    ({ bitsPerSample, channels, named }) => {
      const full = 2 ** (bitsPerSample - 1);
      const samples = Array.from(hardSignal(channels * 101), (x) =>
        Math.max(-full, Math.min(full - 1, Math.round(x * full))),
      );
      const audio = integers(samples, bitsPerSample / 8);
      const metadata = named
        ? formatMetadata(kitchen, audio.byteLength)
        : new Uint8Array(audio.byteLength & 1);
      const format: PcmFormat = { sampleRate: RATE, channels, bitsPerSample };
      const header = formatWavHeader(format, audio.byteLength, metadata.byteLength);
      const wav = new wavefile.WaveFile(join(header, audio, metadata));
      expect(wav.fmt).toMatchObject({
        audioFormat: 1,
        numChannels: channels,
        sampleRate: RATE,
        bitsPerSample,
      });
      expect(wav.chunkSize).toBe(36 + audio.byteLength + metadata.byteLength);
      expect(largestDifference(wav.getSamples(true), samples)).toBe(0);
      expect(wav.getTag("IART")).toBe(named ? "kitchen" : null);
      if (!named) return;
      const bext = wav.bext as Record<string, unknown>;
      expect(bext).toMatchObject({ originationDate: "2026-11-21", originationTime: "22:07:02", version: 1 });
      expect(bext.timeReference).toEqual([(22 * 3600 + 7 * 60 + 2) * RATE + 1975, 0]);
      expect(String(bext.originator).replace(/\0+$/, "")).toBe(kitchen.software);
    },
  );
});

/** Interleaved 16-bit samples of a file, as PcmReader converts them. */
function readAll(file: Uint8Array): Int16Array {
  const header = parseWavHeader(file)!;
  return new PcmReader(header).push(file.subarray(header.dataOffset, header.dataOffset + header.dataBytes));
}

describe("wavefile converts as we do", () => {
  const pcm = Int16Array.from(hardSignal(2000), (x) => Math.max(-1, Math.min(1, x)) * 32_767);

  it.each(["8a", "8m"])("%s, exactly", (code) => {
    const wav = new wavefile.WaveFile();
    wav.fromScratch(1, RATE, "16", pcm);
    if (code === "8a") wav.toALaw();
    else wav.toMuLaw();
    const ours = readAll(wav.toBuffer());
    if (code === "8a") wav.fromALaw();
    else wav.fromMuLaw();
    expect(largestDifference(ours, wav.getSamples(true))).toBe(0);
  });

  // wavefile scales the positive half by 2^n - 1 and truncates towards 0: up to a step each from ours. At 8 bits
  // its full scale is 255 → 32767 where a shift gives 32512.
  it.each([
    ["8", 256],
    ["24", 1],
    ["32", 1],
    ["32f", 2],
    ["64", 2],
  ])("%s bits, within %i", (code, tolerance) => {
    const wav = new wavefile.WaveFile();
    wav.fromScratch(2, RATE, "16", pcm);
    wav.toBitDepth(code);
    const ours = readAll(wav.toBuffer());
    wav.toBitDepth("16");
    expect(largestDifference(ours, wav.getSamples(true))).toBeLessThanOrEqual(tolerance);
  });

  it("IMA ADPCM, exactly in the blocks that wavefile decodes", () => {
    const quiet = pcm.map((sample) => sample >> 2); // wavefile clamps at -32767
    const wav = new wavefile.WaveFile();
    wav.fromScratch(1, 8000, "16", quiet);
    wav.toIMAADPCM();
    const ours = readAll(wav.toBuffer());
    wav.fromIMAADPCM();
    const theirs = wav.getSamples(true);
    // wavefile repeats each block's first sample (506 samples for 505) and leaves the last block out
    const blocks = Math.floor(pcm.length / 505) - 1;
    expect(blocks).toBeGreaterThan(1);
    for (let i = 0; i < blocks; i++) {
      const block = theirs.subarray(i * 506 + 1, (i + 1) * 506);
      expect(largestDifference(ours.subarray(i * 505, (i + 1) * 505), block)).toBe(0);
    }
  });
});
