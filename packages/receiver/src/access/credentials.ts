import type { IncomingHttpHeaders } from "node:http";

const BEARER = /^Bearer +(\S+) *$/i;

/** The token that a request shows: in its Authorization header, else in its query. */
export function presentedToken(headers: IncomingHttpHeaders, url: string): string | undefined {
  const bearer = BEARER.exec(headers.authorization ?? "");
  return bearer === null ? queryToken(url) : bearer[1];
}

/** Name and password that a request shows (RFC 7617), or the token of a `Bearer` (RFC 6750). */
export type Login =
  | { readonly kind: "basic"; readonly username: string; readonly password: string }
  | { readonly kind: "bearer"; readonly token: string };

const BASIC = /^Basic +([A-Za-z0-9+/_=-]+) *$/i;

/** Takes an Authorization header apart; undefined when it is none of ours. */
export function presentedLogin(authorization: string): Login | undefined {
  const bearer = BEARER.exec(authorization);
  if (bearer !== null) return { kind: "bearer", token: bearer[1] };
  const basic = BASIC.exec(authorization);
  if (basic === null) return undefined;
  const text = Buffer.from(basic[1], "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 0) return undefined;
  return { kind: "basic", username: text.slice(0, colon), password: text.slice(colon + 1) };
}

function queryToken(url: string): string | undefined {
  const start = url.indexOf("?");
  if (start < 0) return undefined;
  const token = new URLSearchParams(url.slice(start + 1)).get("token");
  return token === null || token === "" ? undefined : token;
}

/** What the first bytes of a TCP connection are: a line with a token, too little to tell, or something else. */
export type TokenLine =
  | { readonly kind: "token"; readonly token: string; readonly bytes: number }
  | { readonly kind: "incomplete" | "none" };

const LINE_START = "token ";
// More than any token of ours, so that a wrong one is told apart from audio.
const LONGEST_LINE = 256;
const LINE_FEED = 0x0a;

/** Looks for `token TOKEN\n` (or `\r\n`) at the beginning. */
export function readTokenLine(bytes: Buffer): TokenLine {
  const known = Math.min(bytes.length, LINE_START.length);
  if (bytes.toString("latin1", 0, known) !== LINE_START.slice(0, known)) return { kind: "none" };
  const end = bytes.subarray(0, LONGEST_LINE).indexOf(LINE_FEED);
  if (end < 0) return { kind: bytes.length < LONGEST_LINE ? "incomplete" : "none" };
  const token = bytes.toString("latin1", LINE_START.length, end).trim();
  return /^[!-~]+$/.test(token) ? { kind: "token", token, bytes: end + 1 } : { kind: "none" };
}
