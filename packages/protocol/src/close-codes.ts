/** WebSocket close codes of this protocol (RFC 6455 section 7.4.1; 4000 and above are its own). */
export const CLOSE_CODES = {
  /** Everything was sent. */
  normal: 1000,
  /** The server stops. */
  goingAway: 1001,
  /** A text message came. */
  unsupportedData: 1003,
  /** A message is malformed, or the handshake did not come in time. */
  policyViolation: 1008,
  /** A message is larger than the transport takes. */
  messageTooBig: 1009,
  /** A limit is reached or the disk is full; try again later. */
  tryAgainLater: 1013,
  /** The sender's next connection has taken its acknowledged session over. */
  superseded: 4103,
} as const;
