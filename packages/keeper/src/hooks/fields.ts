import { join } from "node:path";
import { oneLine } from "./clean-text.js";
import type { HookPayload } from "./payload.js";

/** What a command gets of an event: in its environment (`startUs` as `AUDIO_START_US`), and as `{startUs}` in arguments. */
export const FIELDS = [
  "event",
  "hook",
  "delivery",
  "time",
  "dataDir",
  "device",
  "source",
  "streamId",
  "peer",
  "codec",
  "sampleRate",
  "channels",
  "bitsPerSample",
  "stem",
  "path",
  "bytes",
  "remote",
  "start",
  "startUs",
  "end",
  "endUs",
  "samples",
  "seconds",
  "gaps",
  "missingSamples",
  "peakDbfs",
  "rmsDbfs",
  "cause",
  "filled",
  "detail",
  "lostFrames",
  "trouble",
  "freeBytes",
  "hoursLeft",
] as const;
export type Field = (typeof FIELDS)[number];

/** Names of files are passed as they are: a command must be able to open them. */
const NAMES_OF_FILES: readonly Field[] = ["dataDir", "stem", "path"];

type Value = string | number | boolean | null | undefined;

/** The fields that a payload has, as text without control characters. */
export function fieldsOf(payload: HookPayload, dataDir: string): Partial<Record<Field, string>> {
  const values: Partial<Record<Field, Value>> = { ...common(payload, dataDir), ...details(payload, dataDir) };
  const shown = FIELDS.flatMap((field) => {
    const value = values[field] ?? undefined;
    return value === undefined ? [] : [[field, textOf(field, String(value))]];
  });
  return Object.fromEntries(shown);
}

function common(payload: HookPayload, dataDir: string): Partial<Record<Field, Value>> {
  const { event, hook, id, time, device, stream } = payload;
  return { event, hook, delivery: id, time, dataDir, device, ...stream };
}

function details({ segment, gap, close, disk }: HookPayload, dataDir: string): Partial<Record<Field, Value>> {
  if (segment === undefined) return { ...gap, ...close, ...disk };
  const { forms, levels, path, ...facts } = segment;
  const audio =
    forms.find((form) => path !== null && form.path === path) ?? forms.find(({ remote }) => remote);
  const stored = audio?.remote;
  return {
    ...facts,
    peakDbfs: levels?.peakDbfs,
    rmsDbfs: levels?.rmsDbfs,
    path: path === null ? null : join(dataDir, path),
    bytes: audio?.bytes,
    remote: stored ? `s3://${stored.bucket}/${stored.key}` : null,
  };
}

function textOf(field: Field, text: string): string {
  return NAMES_OF_FILES.includes(field) ? text.replaceAll("\0", "_") : oneLine(text);
}

/** `startUs` → `AUDIO_START_US` */
export function variableOf(field: Field): string {
  return `AUDIO_${field.replace(/[A-Z]/g, "_$&").toUpperCase()}`;
}

const PLACEHOLDER = /\{(\w+)\}/g;

/** The first placeholder of an argument that is none. */
export function unknownPlaceholder(argument: string): string | undefined {
  const names = Array.from(argument.matchAll(PLACEHOLDER), ([, name]) => name);
  return names.find((name) => !FIELDS.some((known) => known === name));
}

/** An argument with its placeholders filled in; those that the event does not have become empty. */
export function fillArgument(argument: string, fields: Partial<Record<Field, string>>): string {
  const filled = argument.replace(PLACEHOLDER, (_, name: string) => {
    const field = FIELDS.find((known) => known === name);
    return (field && fields[field]) ?? "";
  });
  // A device that calls itself --output=/etc/passwd must not become an option of the program.
  return filled.startsWith("-") && argument.startsWith("{") ? `_${filled.slice(1)}` : filled;
}
