/** Why bytes were refused: `invalid-track` is no level track, or one of a later version. */
export type LevelsErrorCode = "invalid-track";

/** Bytes that are not what they must be; the message says what was found and what is allowed. */
export class LevelsError extends Error {
  override readonly name = "LevelsError";

  constructor(
    readonly code: LevelsErrorCode,
    message: string,
  ) {
    super(message);
  }
}
