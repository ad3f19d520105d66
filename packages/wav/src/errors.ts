/**
 * What a {@link WavError} found:
 * - `not-wav`: the bytes are no RIFF/WAVE, RF64 or BW64 file.
 * - `invalid-header`: a chunk contradicts itself or is missing.
 * - `unsupported-encoding`: a valid WAV whose samples this package does not decode.
 * - `header-too-large`: more than 1 MiB stands before the audio.
 * - `invalid-block`: an IMA ADPCM block carries an impossible state.
 * - `torn-header`: a file to repair ends inside its 44-byte header, so it holds no audio.
 * - `not-repairable`: a file to repair was not written by `formatWavHeader`.
 */
export type WavErrorCode =
  | "not-wav"
  | "invalid-header"
  | "unsupported-encoding"
  | "header-too-large"
  | "invalid-block"
  | "torn-header"
  | "not-repairable";

/** Bytes that are not what they must be; the message says what was found, where, and what is allowed. */
export class WavError extends Error {
  override readonly name = "WavError";

  constructor(
    readonly code: WavErrorCode,
    message: string,
  ) {
    super(message);
  }
}
