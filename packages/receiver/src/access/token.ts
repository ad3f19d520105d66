import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

// 256 bits: nobody guesses one, at whatever speed.
const TOKEN_BYTES = 32;
/** The beginning makes a token that lies somewhere recognisable, for people and for programs that look for secrets. */
const PREFIX = "art_";

/** What every token of ours looks like: 47 characters. */
export const TOKEN_PATTERN = /^art_[\w-]{43}$/;

/** A new token: random, safe in a URL, a header and a line of text. */
export function newToken(): string {
  return PREFIX + randomBytes(TOKEN_BYTES).toString("base64url");
}

/**
 * What is kept of a token, 64 hexadecimal digits. Plain SHA-256 is right here, and a slow password hash is not: the
 * slowness guards secrets that people choose, of which a list can be tried. These hold 256 random bits, so trying is
 * hopeless whatever a try costs, while a slow hash would let anybody who connects keep the processor busy.
 */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Compares two hashes in a time that does not depend on where they differ. */
export function sameHash(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

/** Text that may be shown: tokens and private keys in it are replaced. */
export function withoutSecrets(text: string): string {
  return text
    .replaceAll(/art_[\w-]{8,}/g, "art_***")
    .replaceAll(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, "***");
}
