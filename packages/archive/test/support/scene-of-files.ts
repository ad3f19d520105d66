import { spawnSync } from "node:child_process";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DEFAULT_TEMPLATES, TimeZone } from "@audio/segments";
import { formatMetadata, formatWavHeader, type PcmFormat, type RecordingMetadata } from "@audio/wav";
import type { Form } from "../../src/catalogue/segment.js";
import { layoutReader } from "../../src/scan/layouts.js";
import { type FactsContext, readSegmentFacts } from "../../src/scan/segment-facts.js";

export const VIENNA: FactsContext = {
  zone: new TimeZone("Europe/Vienna"),
  names: layoutReader(DEFAULT_TEMPLATES),
};

/** 2026-11-21T22:01:02.000003Z */
export const START_US = Date.UTC(2026, 10, 21, 22, 1, 2) * 1000 + 3;

/** A finished WAV of this recorder, of silence. */
export function ourWav(fields: Partial<RecordingMetadata> = {}, format: Partial<PcmFormat> = {}): Buffer {
  const { sampleRate = 16_000, samples = 1600 } = fields;
  const pcm: PcmFormat = { sampleRate, channels: 1, bitsPerSample: 16, ...format };
  const audio = Buffer.alloc((samples * pcm.channels * pcm.bitsPerSample) / 8);
  const local = { year: 2026, month: 11, day: 21, hour: 23, minute: 1, second: 2, microsecond: 3 };
  const known = { source: "websocket", startUs: START_US, local, software: "test", gaps: [] };
  const metadata = formatMetadata({ ...known, ...fields, sampleRate, samples }, audio.length);
  return Buffer.concat([formatWavHeader(pcm, audio.length, metadata.length), audio, metadata]);
}

/** A WAV without metadata, of silence: what a repair leaves, or an earlier receiver wrote. */
export function plainWav(samples: number, sampleRate = 16_000): Buffer {
  const audio = Buffer.alloc(samples * 2);
  return Buffer.concat([
    formatWavHeader({ sampleRate, channels: 1, bitsPerSample: 16 }, audio.length),
    audio,
  ]);
}

/** Puts a file below a folder, last written at `writtenUs` if that is given. */
export function putFile(
  folder: string,
  path: string,
  content: Uint8Array | string,
  writtenUs?: number,
): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
  if (writtenUs !== undefined) utimesSync(join(folder, path), writtenUs / 1e6, writtenUs / 1e6);
}

/** Tells what is read of the files of one segment, each time in a data directory of its own. */
export function factsOfFiles(newFolder: () => string) {
  return async (
    stem: string,
    files: Partial<Record<Form, Uint8Array>>,
    { context = VIENNA, writtenUs }: { context?: FactsContext; writtenUs?: number } = {},
  ) => {
    const folder = newFolder();
    for (const [form, content] of Object.entries(files))
      putFile(folder, `${stem}.${form}`, content, writtenUs);
    return readSegmentFacts(folder, stem, Object.keys(files) as Form[], context);
  };
}

/** Runs ffmpeg, which writes files by its arguments. */
export function ffmpeg(...args: string[]): void {
  const { status, stderr, error } = spawnSync("ffmpeg", [
    "-hide_banner",
    "-nostdin",
    "-v",
    "error",
    "-y",
    ...args,
  ]);
  if (error !== undefined)
    throw new Error(`ffmpeg did not run (${error.message}): install Debian's package ffmpeg`);
  if (status !== 0) throw new Error(`ffmpeg ${args.join(" ")}: exit ${status}: ${stderr}`);
}
