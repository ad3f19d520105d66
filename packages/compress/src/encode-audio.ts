// Samples that come from somewhere to a FLAC or Opus file or stream: the way back from decodeAudio.

import { createHash, type Hash } from "node:crypto";
import { resolve } from "node:path";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { RecordingMetadata } from "@audio/wav";
import { type EncoderSettings, encoderArguments, isFlacRate, metadataText } from "./encode.js";
import { CompressError } from "./errors.js";
import { checkStarted, type FfmpegEnd, type RunningFfmpeg, runFfmpeg } from "./run-ffmpeg.js";
import { withFile } from "./tags/file-window.js";

/** What comes in, and what to make of it. */
export interface EncodeAudioOptions extends EncoderSettings {
  /** Hz */
  readonly sampleRate: number;
  /** 1 … 8 */
  readonly channels: number;
  /** FLAC takes 16 and 24; Opus keeps none of them. */
  readonly bitsPerSample: 16 | 24 | 32;
  readonly metadata?: RecordingMetadata;
  /** Ends ffmpeg; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** "fLaC", a block header, and in STREAMINFO the MD5 of all samples behind 18 bytes (RFC 9639, 8.2). */
const MD5_OFFSET = 26;
const MD5_BYTES = 16;

/**
 * Encodes interleaved little-endian PCM, in constant memory, as fast as it comes and goes.
 *
 * A FLAC file is checked: the MD5 that stands in it is that of the samples that were given. A stream cannot be: it
 * carries neither MD5 nor length, because they stand in front.
 *
 * @param ffmpeg path or command, see `findFfmpeg`
 * @param chunks of any length
 * @param output a file's path, which is written over, or a stream, which is not ended
 * @throws CompressError `unsupported-format`, `encode-failed`, `disk-full`, `verification-failed`, `ffmpeg-missing`;
 *   the signal's reason; whatever `chunks` throws, or `output`
 */
export async function encodeAudio(
  ffmpeg: string,
  chunks: AsyncIterable<Uint8Array>,
  output: string | Writable,
  options: EncodeAudioOptions,
): Promise<void> {
  checkKind(options);
  options.signal?.throwIfAborted();
  const isFile = typeof output === "string";
  const text = options.metadata === undefined ? undefined : metadataText(options.metadata);
  const run = await runFfmpeg(ffmpeg, {
    args: argumentsOf(options, text !== undefined, isFile ? `file:${resolve(output)}` : "pipe:1"),
    input: "pipe",
    output: isFile ? "ignore" : "pipe",
    text,
    signal: options.signal,
  });
  const md5 = createHash("md5");
  try {
    const written = isFile ? undefined : pipeline(run.stdout!, output, { end: false });
    await bothDone(feed(run, hashed(chunks, md5)), written);
    options.signal?.throwIfAborted();
    checkEnd(ffmpeg, await run.ended, options);
    if (isFile && options.format === "flac") await checkMd5(output, md5.digest("hex"));
  } finally {
    run.kill();
    await run.ended;
  }
}

function checkKind({ format, sampleRate, channels, bitsPerSample }: EncodeAudioOptions): void {
  if (channels > 8)
    throw new CompressError("unsupported-format", `${channels} channels; FLAC and Opus take 8 at most`);
  if (format === "opus") return;
  if (bitsPerSample === 32)
    throw new CompressError(
      "unsupported-format",
      "samples of 32 bits; FLAC keeps 16 and 24, WAV all of them",
    );
  if (!isFlacRate(sampleRate))
    throw new CompressError("unsupported-format", `${sampleRate} Hz is no rate that FLAC takes; WAV does`);
}

function argumentsOf(options: EncodeAudioOptions, hasTags: boolean, target: string): string[] {
  const { sampleRate, channels, bitsPerSample } = options;
  const format = ["-f", `s${bitsPerSample}le`, "-ar", String(sampleRate), "-ac", String(channels)];
  const tags = hasTags ? ["-f", "ffmetadata", "-i", "pipe:3", "-map_metadata", "1"] : ["-map_metadata", "-1"];
  return [
    "-threads",
    "1",
    ...format,
    "-i",
    "pipe:0",
    ...tags,
    ...encoderArguments(options, options),
    "-y",
    target,
  ];
}

// What breaks ffmpeg's input, or its output, breaks the other one too: the first failure is the reason.
async function bothDone(...parts: (Promise<void> | undefined)[]): Promise<void> {
  const results = await Promise.allSettled(parts);
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

async function feed(run: RunningFfmpeg, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  let failure: { readonly error: unknown } | undefined;
  const source = Readable.from(chunks, { objectMode: false });
  source.once("error", (error) => {
    failure = { error };
    run.kill();
  });
  // An ffmpeg that ends before its input does is judged by its own end
  await pipeline(source, run.stdin!).catch(() => undefined);
  if (failure !== undefined) throw failure.error;
}

async function* hashed(chunks: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

function checkEnd(ffmpeg: string, end: FfmpegEnd, { format }: EncodeAudioOptions): void {
  checkStarted(ffmpeg, end);
  if (end.ok) return;
  if (end.diskFull) throw new CompressError("disk-full", `no room for the ${format}`);
  throw new CompressError("encode-failed", `ffmpeg cannot make ${format}: ${end.reason}`);
}

async function checkMd5(path: string, expected: string): Promise<void> {
  const found = await withFile(path, async (file) =>
    (await file.read(MD5_OFFSET, MD5_BYTES)).toString("hex"),
  );
  if (found === expected) return;
  throw new CompressError(
    "verification-failed",
    `${path} holds other samples than were given (MD5 ${found})`,
  );
}
