import { basename } from "node:path/posix";
import type { TimeZone } from "@audio/segments";

/** Text like `{prefix}/{hwid}/{file}`. */
export type KeyTemplate = string;

/** The keys that recordings have unless told otherwise. */
export const DEFAULT_KEYS = {
  /** WebSocket; without a hwid that folder falls away. */
  websocket: "{prefix}/{hwid}/{file}",
  /** Raw PCM: TCP, UDP. */
  pcm: "{prefix}/{date}/{file}",
} as const;

/** What a key can be made of. */
export interface KeyFields {
  readonly prefix: string;
  /** The device's name; undefined: a stream without one. */
  readonly device: string | undefined;
  readonly source: string | undefined;
  readonly streamId: number;
  /** Path of the file below the data directory, with `/` and extension. */
  readonly path: string;
  /** UTC, microseconds since the epoch, of the first sample frame. */
  readonly startUs: number;
}

type Token = (fields: KeyFields, zone: TimeZone) => string;

const TOKENS: Readonly<Record<string, Token>> = {
  prefix: (f) => f.prefix,
  hwid: (f) => f.device ?? "",
  device: (f) => f.device ?? "",
  source: (f) => f.source ?? "",
  stream: (f) => String(f.streamId),
  file: (f) => basename(f.path),
  path: (f) => f.path,
  date: (f, zone) => ["year", "month", "day"].map((part) => digits(f, zone, part as TimePart)).join("-"),
  yyyy: (f, zone) => digits(f, zone, "year"),
  MM: (f, zone) => digits(f, zone, "month"),
  dd: (f, zone) => digits(f, zone, "day"),
  HH: (f, zone) => digits(f, zone, "hour"),
  mm: (f, zone) => digits(f, zone, "minute"),
  ss: (f, zone) => digits(f, zone, "second"),
};

// "The name for a key is a sequence of Unicode characters whose UTF-8 encoding is up to 1,024 bytes long"
const LONGEST_KEY_BYTES = 1024;

/** What is wrong with a template; undefined: nothing. */
export function keyTemplateFault(template: KeyTemplate): string | undefined {
  const tokens = Array.from(template.matchAll(/\{([^{}]*)\}/g), ([, name]) => name);
  const unknown = tokens.find((name) => !Object.hasOwn(TOKENS, name));
  const allowed = Object.keys(TOKENS).map((name) => `{${name}}`);
  if (unknown !== undefined)
    return `key template "${template}": {${unknown}} is not one of ${allowed.join(" ")}`;
  if (!tokens.includes("file") && !tokens.includes("path"))
    return `key template "${template}": it needs {file} or {path}, or every object would have one key`;
  if (/^[A-Za-z0-9_/.=!'()*-]*$/.test(template.replaceAll(/\{[^{}]*\}/g, ""))) return undefined;
  return `key template "${template}": allowed are A-Z a-z 0-9 _ - . = ! ' ( ) * / and {tokens}`;
}

/**
 * The key of a file. A part between two `/` that comes out empty falls away.
 * @param zone in which `{date}` and the other times are
 * @throws RangeError for a key that stores do not take, or that could leave the prefix
 */
export function formatKey(template: KeyTemplate, fields: KeyFields, zone: TimeZone): string {
  const text = template.replaceAll(/\{([^{}]*)\}/g, (_, name: string) => TOKENS[name](fields, zone));
  return checkedKey(
    text
      .split("/")
      .filter((part) => part !== "")
      .join("/"),
  );
}

/** The nth object of one key: `a/b.wav`, `a/b_2.wav`, `a/b_3.wav`, … (n counts from 1). */
export function numberedKey(key: string, n: number): string {
  if (n === 1) return key;
  const [, stem, extension] = /^(.*?)(\.[^./]*)?$/s.exec(key) as RegExpExecArray;
  return `${stem}_${n}${extension ?? ""}`;
}

/** @throws RangeError */
export function checkedKey(key: string): string {
  const bytes = Buffer.byteLength(key);
  if (bytes === 0 || bytes > LONGEST_KEY_BYTES)
    throw new RangeError(`key of ${bytes} bytes: allowed are 1 … ${LONGEST_KEY_BYTES}`);
  if (/\p{Cc}/u.test(key)) throw new RangeError(`key ${JSON.stringify(key)} has a control character`);
  if (key.split("/").some((part) => part === "." || part === ".."))
    throw new RangeError(`key "${key}": a part between / may be neither . nor ..`);
  return key;
}

type TimePart = "year" | "month" | "day" | "hour" | "minute" | "second";

function digits({ startUs }: KeyFields, zone: TimeZone, part: TimePart): string {
  return String(zone.local(startUs)[part]).padStart(part === "year" ? 4 : 2, "0");
}
