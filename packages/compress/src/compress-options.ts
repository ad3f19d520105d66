import type { RecordingMetadata } from "@audio/wav";
import { type CompressedFormat, checkWhole } from "./decode.js";
import { DEFAULT_FLAC_LEVEL, DEFAULT_OPUS_KBPS, type EncoderSettings } from "./encode.js";

/** A file to compress, and how. */
export interface CompressOptions extends EncoderSettings {
  /** Path or command, see `findFfmpeg`. */
  readonly ffmpeg: string;
  /** A finished WAV file: PCM of 16, 24 or 32 bits, 1 … 8 channels. */
  readonly input: string;
  /** Default: `input` with `.flac` or `.opus` in place of `.wav`. On the same disk as it grows: `{output}.part`. */
  readonly output?: string;
  /** Carried as tags; default: what the WAV says about itself. */
  readonly metadata?: RecordingMetadata;
  /** Removes the WAV when the result is verified and on disk; default false. */
  readonly deleteOriginal?: boolean;
  /** How long it may take; default: a minute, and a second for each second of audio. */
  readonly timeout?: JobTimeout;
  /** Ends ffmpeg and removes what there is of the result; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Time that a file may take from the first byte to the last check. */
export interface JobTimeout {
  readonly baseSeconds: number;
  /** Per second of audio. */
  readonly perAudioSecond: number;
}

/** A verified result. */
export interface CompressedSegment {
  readonly input: string;
  readonly output: string;
  readonly format: CompressedFormat;
  /** Whether it stood there already, made by a run that was cut off before its end, and was only verified. */
  readonly already: boolean;
  readonly originalDeleted: boolean;
  /** Size of the WAV file. */
  readonly bytesBefore: number;
  /** Size of the result. */
  readonly bytesAfter: number;
  /** `bytesAfter` per hundred of `bytesBefore`. */
  readonly percent: number;
  readonly audioSeconds: number;
  /** With verification. */
  readonly wallSeconds: number;
  readonly timesRealTime: number;
  /** SHA-256 of the result, hex. */
  readonly sha256: string;
  /** SHA-256 of the WAV's samples (its data chunk), hex. */
  readonly pcmSha256: string;
}

export const DEFAULT_TIMEOUT: JobTimeout = { baseSeconds: 60, perAudioSecond: 1 };

/** @throws RangeError, TypeError */
export function checkSettings(options: CompressOptions): void {
  const { format, flacLevel = DEFAULT_FLAC_LEVEL, opusKbps = DEFAULT_OPUS_KBPS, output, timeout } = options;
  if (format !== "flac" && format !== "opus")
    throw new TypeError(`format is ${format}, allowed is flac, opus`);
  checkWhole("flacLevel", flacLevel, 0, 8);
  checkWhole("opusKbps", opusKbps, 32, 128);
  if (output !== undefined && !output.endsWith(`.${format}`)) {
    throw new TypeError(`output is ${output}, must end in .${format}`);
  }
  const { baseSeconds, perAudioSecond } = timeout ?? DEFAULT_TIMEOUT;
  if (baseSeconds > 0 && perAudioSecond >= 0) return;
  throw new RangeError(
    `timeout is ${baseSeconds} s and ${perAudioSecond} per second of audio, must be positive`,
  );
}

/** Where the result goes. */
export function outputOf({ input, output, format }: CompressOptions): string {
  return output ?? `${input.replace(/\.wav$/i, "")}.${format}`;
}
