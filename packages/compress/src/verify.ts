import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type RecordingMetadata, recordingTags } from "@audio/wav";
import { inputArguments } from "./decode.js";
import type { EncodeJob } from "./encode.js";
import { CompressError, fileError } from "./errors.js";
import { checkStarted, runFfmpeg } from "./run-ffmpeg.js";
import { readTags } from "./tags/read-tags.js";
import type { WavRecording } from "./wav-recording.js";

const OPUS_RATE = 48_000;

/** How far the length of an Opus file may be off, in seconds: resampling to 48 kHz was seen to add 4 samples. */
const OPUS_TOLERANCE_SECONDS = 0.01;

/**
 * Decodes `path` from beginning to end and compares it with the recording that it was made of: FLAC sample by
 * sample, Opus by its length; and what it says about itself with what it was to say.
 *
 * @param pcmSha256 of the WAV's samples
 * @throws CompressError `verification-failed` with what differs; the signal's reason
 */
export async function verify(job: EncodeJob, path: string, pcmSha256: string): Promise<void> {
  const fault = (await soundFault(job, path, pcmSha256)) ?? (await tagsFault(job, path));
  if (fault === undefined) return;
  const { wav, settings } = job;
  throw new CompressError("verification-failed", `the ${settings.format} of ${wav.path} ${fault}`);
}

/** SHA-256 (hex) of the bytes [start, start + length) of a file. */
export async function hashFile(
  path: string,
  signal: AbortSignal,
  start = 0,
  length?: number,
): Promise<string> {
  const end = length === undefined ? undefined : start + length - 1;
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(path, { start, end, highWaterMark: 1 << 18, signal }))
      hash.update(chunk);
  } catch (error) {
    signal.throwIfAborted();
    throw fileError(path, error);
  }
  return hash.digest("hex");
}

async function soundFault(job: EncodeJob, path: string, pcmSha256: string): Promise<string | undefined> {
  const { wav, settings } = job;
  const { sha256, bytes, trouble } = await decodeWhole(job, path);
  if (trouble !== undefined) return `does not decode: ${trouble}`;
  if (settings.format === "opus") return lengthFault(bytes / (2 * wav.channels), wav);
  if (sha256 === pcmSha256) return undefined;
  return `decodes to other samples (${bytes} bytes of them, the WAV has ${wav.dataBytes})`;
}

interface Decoded {
  readonly sha256: string;
  readonly bytes: number;
  /** What ffmpeg had to complain of. */
  readonly trouble: string | undefined;
}

const STRICT = ["-xerror", "-err_detect", "crccheck+explode"];

async function decodeWhole({ ffmpeg, wav, settings, signal }: EncodeJob, path: string): Promise<Decoded> {
  const bits = settings.format === "flac" ? wav.bitsPerSample : 16;
  const input = [...STRICT, ...inputArguments(settings.format, path)];
  const args = [...input, "-map", "0:a:0", "-f", `s${bits}le`, "pipe:1"];
  const run = await runFfmpeg(ffmpeg, { args, output: "pipe", signal });
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of run.stdout!) {
    hash.update(chunk);
    bytes += chunk.byteLength;
  }
  const end = await run.ended;
  signal.throwIfAborted();
  checkStarted(ffmpeg, end);
  const { ok, messages, reason } = end;
  return { sha256: hash.digest("hex"), bytes, trouble: ok && messages === "" ? undefined : reason };
}

function lengthFault(frames: number, wav: WavRecording): string | undefined {
  const seconds = frames / OPUS_RATE;
  const expected = wav.samples / wav.sampleRate;
  if (Math.abs(seconds - expected) <= OPUS_TOLERANCE_SECONDS) return undefined;
  return `lasts ${seconds.toFixed(3)} s, the WAV ${expected.toFixed(3)} s`;
}

async function tagsFault({ wav, settings, metadata }: EncodeJob, path: string): Promise<string | undefined> {
  const found = await readTags(path);
  if (found.format !== settings.format || found.channels !== wav.channels) {
    return `is ${found.format} of ${found.channels} channels, not ${settings.format} of ${wav.channels}`;
  }
  if (settings.format === "flac") {
    const { sampleRate, bitsPerSample, samples } = found;
    const same =
      sampleRate === wav.sampleRate && bitsPerSample === wav.bitsPerSample && samples === wav.samples;
    if (!same) return `says ${samples} samples of ${bitsPerSample} bits at ${sampleRate} Hz`;
  } else if (found.samples === undefined || lengthFault(found.samples, wav) !== undefined) {
    return `says ${found.samples ?? "nothing of its"} samples`;
  }
  return recordOf(found.metadata) === recordOf(metadata)
    ? undefined
    : "does not carry the recording's metadata";
}

function recordOf(metadata: RecordingMetadata | undefined): string | undefined {
  return metadata === undefined ? undefined : recordingTags(metadata).comment;
}
