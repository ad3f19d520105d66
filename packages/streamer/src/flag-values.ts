import { sanitizeHwid } from "@audio/protocol";
import { StreamError } from "./errors.js";
import type { TcpTarget } from "./transport/tcp.js";

/** A wrong command line; the CLI exits with 2. */
export function invalid(message: string): StreamError {
  return new StreamError("invalid-option", message);
}

function notAllowed(flag: string, value: string, allowed: string): StreamError {
  return invalid(`${flag} ${JSON.stringify(value)} is not allowed: give ${allowed}`);
}

/** Digits, perhaps with a fraction: `Number` alone would take "", " 1" and "0x10" too. */
const DECIMAL = /^\d+(\.\d+)?$/;

/** A whole number from `min` to `max`. @throws StreamError `invalid-option` */
export function integer(
  flag: string,
  value: string | undefined,
  min: number,
  max: number,
): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= min && number <= max) return number;
  throw notAllowed(flag, value, `a whole number from ${min} to ${max}`);
}

/** A number above 0, or from 0 if `zero`; fractions allowed. @throws StreamError `invalid-option` */
export function positive(
  flag: string,
  value: string | undefined,
  unit: string,
  zero = false,
): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (DECIMAL.test(value) && Number.isFinite(number) && (number > 0 || zero)) return number;
  throw notAllowed(flag, value, `a number of ${unit} ${zero ? "from 0" : "above 0"}`);
}

/** Whole megabytes (2²⁰) from `min` to `max`, as bytes. @throws StreamError `invalid-option` */
export function megabytes(
  flag: string,
  value: string | undefined,
  min: number,
  max: number,
): number | undefined {
  const number = integer(flag, value, min, max);
  return number === undefined ? undefined : number * 2 ** 20;
}

/** One of the words. @throws StreamError `invalid-option` */
export function oneOf<T extends string>(
  flag: string,
  value: string | undefined,
  words: readonly T[],
): T | undefined {
  if (value === undefined) return undefined;
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  throw notAllowed(flag, value, words.join(" or "));
}

/** The URL as given. @throws StreamError `invalid-option` */
export function webSocketUrl(flag: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const parsed = URL.canParse(value) ? new URL(value) : undefined;
  const usable =
    parsed && ["ws:", "wss:"].includes(parsed.protocol) && parsed.hostname !== "" && parsed.hash === "";
  if (usable) return value;
  throw notAllowed(flag, value, "ws://HOST:PORT/PATH or wss://HOST:PORT/PATH");
}

/** HOST:PORT; an IPv6 address stands in brackets. @throws StreamError `invalid-option` */
export function tcpTarget(flag: string, value: string | undefined): TcpTarget | undefined {
  if (value === undefined) return undefined;
  const [, bracketed, plain, digits] = /^(?:\[([\da-f:.]+)\]|([^:/@\s]+)):(\d{1,5})$/i.exec(value) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host !== undefined && port >= 1 && port <= 65_535) return { host, port };
  throw notAllowed(flag, value, "HOST:PORT with a port from 1 to 65535, an IPv6 address in brackets");
}

/** A device id of which something is left when it is sanitised. @throws StreamError `invalid-option` */
export function hwid(flag: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const name = sanitizeHwid(value);
  if (name === undefined) throw notAllowed(flag, value, "at least one of A-Z a-z 0-9 _ - : .");
  if (name === "echo") throw notAllowed(flag, value, "another one: /ws/echo is the echo endpoint");
  return value;
}

/** A bearer token; not repeated in the message, for it is a secret. @throws StreamError `invalid-option` */
export function token(flag: string, value: string | undefined): string | undefined {
  if (value === undefined || /^[\x21-\x7e]+$/.test(value)) return value;
  throw invalid(`${flag} is not allowed: give printable ASCII characters without spaces`);
}
