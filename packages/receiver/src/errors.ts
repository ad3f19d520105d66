/** Why the receiver refuses to start or to work on a file. */
export type ReceiverErrorCode =
  | "cannot-listen"
  | "invalid-setting"
  | "invalid-bin"
  | "nothing-recorded"
  | "export-failed"
  | "invalid-certificate"
  | "invalid-tokens"
  | "not-reachable"
  | "service-failed"
  | "import-failed";

/** Something that a person must change; the message says what was found and what is allowed. */
export class ReceiverError extends Error {
  override readonly name = "ReceiverError";

  constructor(
    readonly code: ReceiverErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
