/** What went wrong; stable, for programs. The message is one line for people. */
export type StreamErrorCode =
  | "invalid-option"
  | "input-unreadable"
  | "input-empty"
  | "input-mismatch"
  | "unsupported-format"
  | "ffmpeg-missing"
  | "ffmpeg-failed"
  | "connect-failed"
  | "server-refused"
  | "invalid-acknowledgement"
  | "connection-lost";

/**
 * The only error that {@link streamAudio} and its parts reject with (besides TypeError and RangeError for a
 * programmer's mistake). `server-refused` is final: the server said no and would say it again;
 * `connection-lost` is one that trying again may mend.
 */
export class StreamError extends Error {
  readonly code: StreamErrorCode;

  constructor(code: StreamErrorCode, message: string, options?: ErrorOptions) {
    super(singleLine(message), options);
    this.name = "StreamError";
    this.code = code;
  }
}

/** Rejection of whatever was under way when the streams were stopped; never leaves the package. */
export class Stopped extends Error {
  override readonly name = "Stopped";
}

/** The text on one line without control characters: close reasons and ffmpeg's messages come from outside. */
export function singleLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .replace(/ {2,}/g, " ")
    .trim();
}

/** The message of anything that was thrown; Node's AggregateError (every address of a host refused) has none of its own. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return [...new Set(error.errors.map(reasonOf))].join(", ");
  }
  return error instanceof Error ? error.message || error.name : String(error);
}
