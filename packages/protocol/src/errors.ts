/** What kind of message was malformed. */
export type ProtocolErrorCode =
  | "invalid-handshake"
  | "invalid-frame"
  | "invalid-acknowledgement"
  | "invalid-datagram";

/** A message breaks a rule of the wire protocol; the message names the field, the value and what is allowed. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";

  constructor(
    readonly code: ProtocolErrorCode,
    message: string,
  ) {
    super(message);
  }
}
