/**
 * Why something was not compressed, decoded or read:
 * - `ffmpeg-missing`: no ffmpeg that runs, or none with the encoder that is needed.
 * - `file-unreadable`: the system refused a file, or it is no regular file.
 * - `invalid-wav`: no whole WAV file.
 * - `empty-audio`: a WAV without a sample.
 * - `unsupported-format`: an encoding, depth, rate or number of channels that cannot be stored and verified.
 * - `target-exists`: another file stands under the result's name.
 * - `busy`: another process compresses the same file.
 * - `encode-failed`: ffmpeg gave up.
 * - `disk-full`: the result has no room.
 * - `verification-failed`: the result is not what the WAV holds.
 * - `timeout`: ffmpeg took longer than it may.
 * - `decode-failed`: ffmpeg cannot read a compressed file.
 * - `invalid-audio`: no FLAC or Ogg Opus file, or one whose front is broken.
 * - `queue-full`: more files wait than the pool takes.
 */
export type CompressErrorCode =
  | "ffmpeg-missing"
  | "file-unreadable"
  | "invalid-wav"
  | "empty-audio"
  | "unsupported-format"
  | "target-exists"
  | "busy"
  | "encode-failed"
  | "disk-full"
  | "verification-failed"
  | "timeout"
  | "decode-failed"
  | "invalid-audio"
  | "queue-full";

const PERMANENT: readonly CompressErrorCode[] = [
  "invalid-wav",
  "empty-audio",
  "unsupported-format",
  "target-exists",
  "invalid-audio",
];

/** A file that stays as it was; the message says why, on one line. */
export class CompressError extends Error {
  override readonly name = "CompressError";

  constructor(
    readonly code: CompressErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Whether trying again with the same file and the same ffmpeg is useless. */
  get permanent(): boolean {
    return PERMANENT.includes(this.code);
  }
}

/** The system's refusal of a file as an error of this package; anything else as it is. */
export function fileError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("syscall" in error)) return error;
  const full = "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT");
  return new CompressError(full ? "disk-full" : "file-unreadable", `${path}: ${error.message}`, {
    cause: error,
  });
}
