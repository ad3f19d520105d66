/** Why a setting of this package was refused. */
export type SegmentsErrorCode = "invalid-template" | "unknown-time-zone";

/** A setting that a person wrote cannot be used; the message says what was found and what is allowed. */
export class SegmentsError extends Error {
  override readonly name = "SegmentsError";

  constructor(
    readonly code: SegmentsErrorCode,
    message: string,
  ) {
    super(message);
  }
}
