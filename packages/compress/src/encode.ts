import { resolve } from "node:path";
import { type RecordingMetadata, recordingTags } from "@audio/wav";
import type { CompressedFormat } from "./decode.js";
import { CompressError } from "./errors.js";
import { checkStarted, type FfmpegEnd, runFfmpeg } from "./run-ffmpeg.js";
import { parseStreamInfo } from "./tags/flac.js";
import type { WavRecording } from "./wav-recording.js";

/** How to compress. */
export interface EncoderSettings {
  readonly format: CompressedFormat;
  /** FLAC: 0 (fast) … 8 (small); default 5. */
  readonly flacLevel?: number;
  /** Opus: kbit/s of up to two channels, 32 … 128; default 64. More channels get as much per pair. */
  readonly opusKbps?: number;
}

export const DEFAULT_FLAC_LEVEL = 5;
export const DEFAULT_OPUS_KBPS = 64;

type PcmKind = Pick<WavRecording, "channels" | "bitsPerSample">;

export interface EncodeJob {
  readonly ffmpeg: string;
  readonly wav: WavRecording;
  readonly settings: EncoderSettings;
  readonly metadata: RecordingMetadata | undefined;
  readonly signal: AbortSignal;
}

/**
 * Has ffmpeg write `output`, which may exist.
 * @throws CompressError `encode-failed`, `ffmpeg-missing`, `disk-full`; the signal's reason
 */
export async function encode(job: EncodeJob, output: string): Promise<void> {
  const { ffmpeg, wav, settings, metadata, signal } = job;
  const text = metadata === undefined ? undefined : metadataText(metadata);
  const tags =
    text === undefined ? ["-map_metadata", "-1"] : ["-f", "ffmetadata", "-i", "pipe:3", "-map_metadata", "1"];
  const args = [...sampleArguments(wav, wav.dataBytes), ...tags, ...encoderArguments(wav, settings)];
  const run = await runFfmpeg(ffmpeg, { args: [...args, "-y", `file:${resolve(output)}`], text, signal });
  const end = await run.ended;
  signal.throwIfAborted();
  checkStarted(ffmpeg, end);
  if (!end.ok) throw encodeError(job, end);
}

function encodeError({ wav, settings }: EncodeJob, { diskFull, reason }: FfmpegEnd): CompressError {
  if (diskFull) return new CompressError("disk-full", `no room for the ${settings.format} of ${wav.path}`);
  return new CompressError(
    "encode-failed",
    `ffmpeg cannot make ${settings.format} of ${wav.path}: ${reason}`,
  );
}

/**
 * @throws CompressError `unsupported-format` for what the format, or this ffmpeg's encoder, would not keep as it is
 */
export async function checkEncodable(job: EncodeJob): Promise<void> {
  const { wav, settings } = job;
  if (settings.format === "opus") return;
  if (!isFlacRate(wav.sampleRate)) {
    throw new CompressError(
      "unsupported-format",
      `${wav.path} has ${wav.sampleRate} Hz; FLAC takes every rate up to 65534 Hz, above that multiples of 10 up to 655340`,
    );
  }
  if (wav.bitsPerSample !== 32) return;
  const bits = await flacDepth(job);
  if (bits === 32) return;
  throw new CompressError(
    "unsupported-format",
    `${wav.path} has 32 bits, of which this ffmpeg's FLAC keeps ${bits}; 32 need ffmpeg 6 or newer`,
  );
}

/** The rates that ffmpeg writes into FLAC's frame headers (RFC 9639, 9.1.2). */
export function isFlacRate(rate: number): boolean {
  return rate < 65_535 || (rate % 10 === 0 && rate < 655_350);
}

const TRIAL_FRAMES = 100;

/** Encodes the first samples to see what becomes of them: ffmpeg before 6 makes 24 bits of 32 and exits 0. */
async function flacDepth({ ffmpeg, wav, settings, signal }: EncodeJob): Promise<number> {
  const bytes = Math.min(wav.dataBytes, (TRIAL_FRAMES * wav.channels * wav.bitsPerSample) / 8);
  const args = [...sampleArguments(wav, bytes), ...encoderArguments(wav, settings), "pipe:1"];
  const run = await runFfmpeg(ffmpeg, { args, output: "pipe", signal });
  const chunks: Buffer[] = [];
  for await (const chunk of run.stdout!) chunks.push(chunk);
  const end = await run.ended;
  signal.throwIfAborted();
  checkStarted(ffmpeg, end);
  return parseStreamInfo(Buffer.concat(chunks))?.bitsPerSample ?? 0;
}

/** The first bytes of the data chunk and nothing else, so that ffmpeg has no header to interpret. */
function sampleArguments(wav: WavRecording, bytes: number): string[] {
  const { path, dataOffset, sampleRate, channels, bitsPerSample } = wav;
  const range = `subfile,,start,${dataOffset},end,${dataOffset + bytes},,:file:${resolve(path)}`;
  const format = ["-f", `s${bitsPerSample}le`, "-ar", String(sampleRate), "-ac", String(channels)];
  return ["-threads", "1", "-protocol_whitelist", "subfile,file", ...format, "-i", range];
}

/** How ffmpeg encodes samples of this kind, to whatever output is named behind. */
export function encoderArguments(wav: PcmKind, settings: EncoderSettings): string[] {
  const encoder = settings.format === "flac" ? flacArguments(wav, settings) : opusArguments(wav, settings);
  return ["-map", "0:a:0", "-threads", "1", ...encoder, "-f", settings.format];
}

function flacArguments(
  { bitsPerSample }: PcmKind,
  { flacLevel = DEFAULT_FLAC_LEVEL }: EncoderSettings,
): string[] {
  const depth = bitsPerSample === 32 ? ["-strict", "experimental", "-bits_per_raw_sample", "32"] : [];
  return ["-c:a", "flac", "-compression_level", String(flacLevel), ...depth];
}

// Mapping family 1 would take the channels for loudspeakers, give one of six to a subwoofer and cut it at 120 Hz;
// 255 keeps them apart, in their order (RFC 7845, 5.1.1.3).
function opusArguments({ channels }: PcmKind, { opusKbps = DEFAULT_OPUS_KBPS }: EncoderSettings): string[] {
  const kbps = opusKbps * Math.ceil(channels / 2);
  const mapping = channels > 2 ? ["-mapping_family", "255"] : [];
  return ["-c:a", "libopus", "-application", "voip", "-b:a", `${kbps}k`, ...mapping];
}

/** ffmpeg's own text form of tags: no limit of length, unlike an argument. */
export function metadataText(metadata: RecordingMetadata): string {
  const { title, artist, date, software, comment } = recordingTags(metadata);
  const tags = Object.entries({ title, artist, date, software, comment });
  const lines = tags
    .filter(([, text]) => text !== undefined)
    .map(([name, text]) => `${name}=${escaped(text!)}`);
  return [";FFMETADATA1", ...lines, ""].join("\n");
}

function escaped(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ").replace(/[=;#\\]/g, "\\$&");
}
