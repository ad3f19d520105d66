import { rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import {
  type CompressedSegment,
  type CompressOptions,
  checkSettings,
  DEFAULT_TIMEOUT,
  type JobTimeout,
  outputOf,
} from "./compress-options.js";
import { checkEncodable, type EncodeJob, encode } from "./encode.js";
import { CompressError, fileError } from "./errors.js";
import { claimPart, exists, removePartOf, syncFolder, targetExists } from "./part-file.js";
import { hashFile, verify } from "./verify.js";
import { identityOf, readWavRecording, type WavRecording } from "./wav-recording.js";

/** setTimeout knows no more than 2³¹ − 1 ms. */
const MAX_TIMEOUT_MS = 2_147_483_647;

/**
 * Makes a FLAC or Opus file of a finished WAV file: written as `{output}.part`, verified (FLAC: the samples that it
 * decodes to have the hash of the WAV's; Opus: it decodes without a complaint, and lasts as long within 10 ms),
 * brought to the disk, then given its name, which is never taken from another file; then, if asked, the WAV is
 * removed. Whatever fails, the WAV stays and nothing of the result does. Cut off at any point, even by a power loss,
 * it can be called again, and finishes what there is.
 *
 * @throws CompressError, every code but `invalid-audio` and `queue-full`; RangeError or TypeError for options out of
 *   their ranges; the signal's reason
 */
export async function compressSegment(options: CompressOptions): Promise<CompressedSegment> {
  checkSettings(options);
  options.signal?.throwIfAborted();
  const started = performance.now();
  const wav = await readWavRecording(options.input);
  const { ffmpeg, metadata = wav.metadata, timeout = DEFAULT_TIMEOUT } = options;
  const deadline = AbortSignal.timeout(timeoutMs(timeout, wav));
  const signal = options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline]);
  try {
    const made = await make({ ffmpeg, wav, settings: options, metadata, signal }, outputOf(options));
    const originalDeleted = options.deleteOriginal === true;
    if (originalDeleted) await deleteOriginal(wav);
    return {
      ...made,
      ...paceOf(wav, started),
      percent: (made.bytesAfter / wav.fileBytes) * 100,
      originalDeleted,
    };
  } catch (error) {
    if (error === deadline.reason) throw timedOut(wav, timeoutMs(timeout, wav));
    throw error === options.signal?.reason ? error : fileError(options.input, error);
  }
}

type Made = Omit<
  CompressedSegment,
  "originalDeleted" | "percent" | "audioSeconds" | "wallSeconds" | "timesRealTime"
>;

async function make(job: EncodeJob, output: string): Promise<Made> {
  const { wav, settings, signal } = job;
  const already = await exists(output);
  if (!already) await checkEncodable(job);
  const pcmSha256 = await hashFile(wav.path, signal, wav.dataOffset, wav.dataBytes);
  const result = already
    ? await checkStanding(job, output, pcmSha256)
    : await makeNew(job, output, pcmSha256);
  return {
    input: wav.path,
    output,
    format: settings.format,
    already,
    bytesBefore: wav.fileBytes,
    pcmSha256,
    ...result,
  };
}

interface Fingerprint {
  readonly bytesAfter: number;
  readonly sha256: string;
}

async function makeNew(job: EncodeJob, output: string, pcmSha256: string): Promise<Fingerprint> {
  const part = await claimPart(output);
  try {
    await encode(job, part.path);
    await verify(job, part.path, pcmSha256);
    const fingerprint = await fingerprintOf(job, part.path);
    await checkUnchanged(job.wav);
    await part.publish();
    return fingerprint;
  } finally {
    await part.discard();
  }
}

/** A file under the result's name is the result if it verifies, else somebody's. */
async function checkStanding(job: EncodeJob, output: string, pcmSha256: string): Promise<Fingerprint> {
  try {
    await verify(job, output, pcmSha256);
  } catch (error) {
    const isOther =
      error instanceof CompressError && ["verification-failed", "invalid-audio"].includes(error.code);
    throw isOther ? targetExists(output, error) : error;
  }
  await removePartOf(output); // the run that made it may have been cut off before it did
  await syncFolder(dirname(output));
  return fingerprintOf(job, output);
}

async function fingerprintOf({ signal }: EncodeJob, path: string): Promise<Fingerprint> {
  const { size } = await stat(path);
  return { bytesAfter: size, sha256: await hashFile(path, signal) };
}

async function checkUnchanged(wav: WavRecording): Promise<void> {
  if ((await identityOf(wav.path)) === wav.identity) return;
  throw new CompressError("verification-failed", `${wav.path} changed while it was compressed`);
}

async function deleteOriginal(wav: WavRecording): Promise<void> {
  await checkUnchanged(wav);
  await rm(wav.path);
  await syncFolder(dirname(wav.path));
}

function paceOf(wav: WavRecording, started: number) {
  const audioSeconds = wav.samples / wav.sampleRate;
  const wallSeconds = (performance.now() - started) / 1000;
  return { audioSeconds, wallSeconds, timesRealTime: audioSeconds / wallSeconds };
}

function timeoutMs({ baseSeconds, perAudioSecond }: JobTimeout, wav: WavRecording): number {
  const seconds = baseSeconds + (perAudioSecond * wav.samples) / wav.sampleRate;
  return Math.min(Math.ceil(seconds * 1000), MAX_TIMEOUT_MS);
}

function timedOut(wav: WavRecording, ms: number): CompressError {
  return new CompressError("timeout", `${wav.path} was not compressed within ${ms / 1000} s`);
}
