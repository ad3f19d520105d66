import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CompressError } from "./errors.js";
import { checkStarted, type FfmpegEnd, type RunningFfmpeg, runFfmpeg } from "./run-ffmpeg.js";

/** Formats that recordings are compressed to. */
export type CompressedFormat = "flac" | "opus";

/** What to decode, and what to make of it. */
export interface DecodeOptions {
  readonly format: CompressedFormat;
  /** Hz of the result; of a FLAC its own, or it is resampled. Opus is 48 kHz inside and made into this. */
  readonly sampleRate: number;
  /** Of the file. */
  readonly channels: number;
  /** Of the result; default 16. Of a FLAC with more the lowest bits are cut. */
  readonly bitsPerSample?: 16 | 24 | 32;
  /** First sample frame, at `sampleRate`; default 0. */
  readonly from?: number;
  /** Sample frames; default: all that follow. Fewer come if the file ends before. */
  readonly samples?: number;
  /** Ends ffmpeg; the iteration then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * The samples of a FLAC or Ogg Opus file or stream: interleaved little-endian PCM, in chunks of whole sample frames
 * of up to 64 KiB. Nothing is read ahead of the consumer but one pipe's worth; leaving the loop ends ffmpeg.
 *
 * A FLAC gives exactly the samples [from, from + samples). An Opus file gives the same position: its pre-skip is
 * taken off, and decoding begins a second or two before `from`, so that the decoder's state is what it would be had it
 * begun at the front (RFC 7845 wants 80 ms). A stream is decoded from its beginning. Its length may differ by a sample frame or two from what was encoded.
 *
 * @param ffmpeg path or command, see `findFfmpeg`
 * @param input a file's path, or the file's bytes from its beginning
 * @throws CompressError `decode-failed`, `ffmpeg-missing`; TypeError or RangeError for options out of their ranges; the signal's reason;
 *   whatever a stream given as input throws
 */
export async function* decodeAudio(
  ffmpeg: string,
  input: string | AsyncIterable<Uint8Array>,
  options: DecodeOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  checkOptions(options);
  options.signal?.throwIfAborted();
  if (options.samples === 0) return;
  const isFile = typeof input === "string";
  const plan = planDecoding(options, isFile);
  const running = await runFfmpeg(ffmpeg, {
    args: [
      ...plan.seek,
      ...inputArguments(options.format, isFile ? input : undefined),
      ...outputArguments(options),
    ],
    input: isFile ? "ignore" : "pipe",
    output: "pipe",
    signal: options.signal,
  });
  const feeding = isFile ? undefined : feed(running, input);
  try {
    let remaining = plan.bytes;
    for await (const chunk of wholeFrames(running.stdout!, plan.skipBytes, plan.frameBytes)) {
      options.signal?.throwIfAborted();
      yield chunk.subarray(0, remaining);
      remaining -= chunk.byteLength;
      if (remaining <= 0) return;
    }
    await feeding?.finish();
    const end = await running.ended;
    options.signal?.throwIfAborted();
    checkStarted(ffmpeg, end);
    checkEnd(end, options, isFile ? input : "the stream");
  } finally {
    running.kill();
    await running.ended;
  }
}

/** Arguments that read nothing but this one format, whatever the bytes claim to be. */
export function inputArguments(format: CompressedFormat, path: string | undefined): string[] {
  const [demuxer, decoder] = format === "flac" ? ["flac", "flac"] : ["ogg", "opus"];
  const source = path === undefined ? "pipe:0" : `file:${resolve(path)}`;
  return ["-threads", "1", "-protocol_whitelist", "file,pipe", "-f", demuxer, "-c:a", decoder, "-i", source];
}

function outputArguments({ sampleRate, channels, bitsPerSample = 16 }: DecodeOptions): string[] {
  const rate = ["-ar", String(sampleRate), "-ac", String(channels)];
  return ["-map", "0:a:0", ...rate, "-f", `s${bitsPerSample}le`, "pipe:1"];
}

// ffmpeg's -ss counts microseconds, in which no sample of most rates lies; a whole second is a sample of every rate.
// In a stream it misses a FLAC's sample by up to a frame, so there everything before `from` is decoded.
function planDecoding(options: DecodeOptions, seekable: boolean) {
  const { format, sampleRate, channels, bitsPerSample = 16, from = 0, samples } = options;
  const preRoll = format === "opus" ? 1 : 0;
  const second = seekable ? Math.max(0, Math.floor(from / sampleRate) - preRoll) : 0;
  const frameBytes = (channels * bitsPerSample) / 8;
  return {
    seek: second > 0 ? ["-ss", String(second)] : [],
    frameBytes,
    skipBytes: (from - second * sampleRate) * frameBytes,
    bytes: samples === undefined ? Number.POSITIVE_INFINITY : samples * frameBytes,
  };
}

async function* wholeFrames(bytes: AsyncIterable<Uint8Array>, skipBytes: number, frameBytes: number) {
  let skip = skipBytes;
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of bytes) {
    const skipped = Math.min(skip, chunk.byteLength);
    skip -= skipped;
    const joined =
      rest.byteLength === 0 ? chunk.subarray(skipped) : Buffer.concat([rest, chunk.subarray(skipped)]);
    const whole = joined.byteLength - (joined.byteLength % frameBytes);
    rest = joined.subarray(whole);
    if (whole > 0) yield joined.subarray(0, whole);
  }
}

interface Feeding {
  /** Waits for ffmpeg's end; throws what the input threw. */
  finish(): Promise<void>;
}

function feed(running: RunningFfmpeg, input: AsyncIterable<Uint8Array>): Feeding {
  let failure: { readonly error: unknown } | undefined;
  const source = Readable.from(input, { objectMode: false });
  source.once("error", (error) => {
    failure = { error };
    running.kill();
  });
  // An ffmpeg that ends before its input does is judged by its own end
  void pipeline(source, running.stdin!).catch(() => undefined);
  const finish = async () => {
    await running.ended;
    if (failure !== undefined) throw failure.error;
  };
  return { finish };
}

function checkEnd(end: FfmpegEnd, { format }: DecodeOptions, name: string): void {
  if (end.ok) return;
  throw new CompressError("decode-failed", `ffmpeg cannot decode ${name} as ${format}: ${end.reason}`);
}

function checkOptions(options: DecodeOptions): void {
  const { format, sampleRate, channels, bitsPerSample = 16, from = 0, samples = 0 } = options;
  if (format !== "flac" && format !== "opus")
    throw new TypeError(`format is ${format}, allowed is flac, opus`);
  if (![16, 24, 32].includes(bitsPerSample)) {
    throw new RangeError(`bitsPerSample is ${bitsPerSample}, allowed is 16, 24 or 32`);
  }
  checkWhole("sampleRate", sampleRate, 1, 1_048_575);
  checkWhole("channels", channels, 1, 8);
  checkWhole("from", from, 0, Number.MAX_SAFE_INTEGER);
  checkWhole("samples", samples, 0, Number.MAX_SAFE_INTEGER);
}

/** @throws RangeError unless `value` is an integer of its range */
export function checkWhole(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new RangeError(`${name} is ${value}, allowed is ${min} … ${max}`);
}
