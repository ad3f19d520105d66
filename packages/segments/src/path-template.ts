import { SegmentsError } from "./errors.js";
import type { LocalTime } from "./local-time.js";

/** What a segment's path can be made of. */
export interface PathFields {
  /** Device name, `[A-Za-z0-9_-]{1,64}`. */
  readonly device: string;
  /** Stream id as the sender gave it, 0 … 2³²−1. */
  readonly streamId: number;
  /** `websocket`, `tcp`, … */
  readonly source: string;
  /** Start of the segment, wall time. */
  readonly start: LocalTime;
}

/** Makes a segment's path, without extension and with `/` between folders. */
export type PathTemplate = (fields: PathFields) => string;

const TOKENS: Record<string, (fields: PathFields) => string> = {
  device: (f) => f.device,
  stream: (f) => String(f.streamId),
  source: (f) => f.source,
  date: ({ start: t }) => `${digits(t.year, 4)}-${digits(t.month, 2)}-${digits(t.day, 2)}`,
  yyyy: (f) => digits(f.start.year, 4),
  MM: (f) => digits(f.start.month, 2),
  dd: (f) => digits(f.start.day, 2),
  HH: (f) => digits(f.start.hour, 2),
  mm: (f) => digits(f.start.minute, 2),
  ss: (f) => digits(f.start.second, 2),
};

/** The paths that recordings have had from the beginning, one template per source. */
export const DEFAULT_TEMPLATES = {
  /** Raw PCM: one file per minute name, day folders. */
  pcm: "audio/{date}/{date}_{HH}{mm}",
  /** WebSocket with a hwid. */
  device: "received/{device}/stream_{stream}_{device}_{yyyy}{MM}{dd}_{HH}{mm}{ss}",
  /** WebSocket without. */
  anonymous: "received/stream_{stream}_{yyyy}{MM}{dd}_{HH}{mm}{ss}",
} as const;

/**
 * Reads a path template such as `received/{device}/{date}_{HH}{mm}{ss}`.
 * @throws SegmentsError `invalid-template`: an unknown token, or a path that could leave its folder
 */
export function compileTemplate(text: string): PathTemplate {
  refuseUnsafePath(text);
  const parts = text.split(/\{([^{}]*)\}/).map((part, i) => (i % 2 === 0 ? part : tokenFor(part, text)));
  return (fields) => parts.map((part) => (typeof part === "string" ? part : part(fields))).join("");
}

/** The nth file of one name: `name`, `name_2`, `name_3`, … (n counts from 1). */
export function numberedStem(stem: string, n: number): string {
  return n === 1 ? stem : `${stem}_${n}`;
}

function tokenFor(name: string, template: string): (fields: PathFields) => string {
  if (Object.hasOwn(TOKENS, name)) return TOKENS[name];
  const allowed = Object.keys(TOKENS).map((token) => `{${token}}`);
  throw invalid(template, `{${name}} is not one of ${allowed.join(" ")}`);
}

function refuseUnsafePath(text: string): void {
  const literal = text.replaceAll(/\{[^{}]*\}/g, "x");
  if (!/^[A-Za-z0-9_/.-]+$/.test(literal)) {
    throw invalid(text, "allowed are A-Z a-z 0-9 _ - . / and {tokens}");
  }
  const folders = literal.split("/");
  if (folders.some((folder) => folder === "" || folder.startsWith("."))) {
    throw invalid(text, "a folder or file name may be neither empty nor begin with a dot");
  }
}

function invalid(template: string, why: string): SegmentsError {
  return new SegmentsError("invalid-template", `path template "${template}": ${why}`);
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, "0");
}
