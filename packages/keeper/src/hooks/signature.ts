import { createHmac } from "node:crypto";

/**
 * The value of `X-Audio-Signature`: HMAC-SHA256 (RFC 2104) of the timestamp, a full stop and the body.
 * @param timestamp seconds since the epoch, as in `X-Audio-Timestamp`
 * @returns `sha256=` and 64 hexadecimal digits
 */
export function signatureOf(secret: string, timestamp: string, body: string): string {
  return `sha256=${createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex")}`;
}
