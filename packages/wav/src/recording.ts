// The facts of a recording, and their form in JSON. Reading trusts nothing: any tool may have edited the file.
import { formatLocal, type LocalTime, localTimeProblem, parseLocal } from "./local-time.js";
import { rangeProblem } from "./range.js";

/** A missing range of the recording. */
export interface MetadataGap {
  /** Where it begins: UTC, µs since 1970. */
  readonly startUs: number;
  /** Missing sample frames. */
  readonly samples: number;
  /** Such as `lost-frames`, `disconnected`, `disk-full`, `server-restart`, `overload`. */
  readonly cause: string;
  /** Whether silence stands in the file in its place. */
  readonly filled: boolean;
}

/** What is known of a recorded file. Integers, exact up to 2⁵³. */
export interface RecordingMetadata {
  /** The device's name, if it has one. */
  readonly device?: string;
  /** The sender's u32 number for the stream, if it gave one. */
  readonly streamId?: number;
  /** How it came: `websocket`, `tcp`, `framed-tcp`, `udp`. */
  readonly source: string;
  /** The first sample's time: UTC, µs since 1970. */
  readonly startUs: number;
  /** The same moment on the wall clock of the files' time zone. */
  readonly local: LocalTime;
  /** Sample frames a second. */
  readonly sampleRate: number;
  /** Sample frames in the file. */
  readonly samples: number;
  /** The program that wrote it, with its version. */
  readonly software: string;
  /** In the order of time. A file lists the first 1000. */
  readonly gaps: readonly MetadataGap[];
  /** Gaps that the file counts but does not list; absent if it lists all. */
  readonly omittedGaps?: number;
}

/** Bounds the metadata of a stream that loses every other frame: about 90 kB of JSON. */
const MAX_LISTED_GAPS = 1000;

const MAX_U32 = 0xffff_ffff;
const MAX_EXACT = Number.MAX_SAFE_INTEGER;

/** Which field is out of its range, if any. */
export function recordingProblem(m: RecordingMetadata): string | undefined {
  return (
    rangeProblem("streamId", m.streamId ?? 0, 0, MAX_U32) ??
    rangeProblem("startUs", m.startUs, 0, MAX_EXACT) ??
    localTimeProblem(m.local) ??
    rangeProblem("sampleRate", m.sampleRate, 1, MAX_U32) ??
    rangeProblem("samples", m.samples, 0, MAX_EXACT) ??
    rangeProblem("omittedGaps", m.omittedGaps ?? 0, 0, MAX_EXACT) ??
    gapsProblem(m.gaps)
  );
}

function gapsProblem(gaps: readonly MetadataGap[]): string | undefined {
  for (const [i, gap] of gaps.entries()) {
    const problem =
      rangeProblem(`gaps[${i}].startUs`, gap.startUs, 0, MAX_EXACT) ??
      rangeProblem(`gaps[${i}].samples`, gap.samples, 0, MAX_EXACT);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** The plain object that the file's JSON holds. */
export function toRecord(m: RecordingMetadata): Record<string, unknown> {
  const { device, streamId, source, startUs, sampleRate, samples, software } = m;
  const listed = m.gaps.slice(0, MAX_LISTED_GAPS);
  const omittedGaps = (m.omittedGaps ?? 0) + m.gaps.length - listed.length;
  return {
    device,
    streamId,
    source,
    startUs,
    local: formatLocal(m.local),
    sampleRate,
    samples,
    software,
    gaps: listed.map((gap) => ({
      startUs: gap.startUs,
      samples: gap.samples,
      cause: gap.cause,
      filled: gap.filled,
    })),
    omittedGaps: omittedGaps || undefined,
  };
}

/** Inverse of {@link toRecord}; undefined for anything else. */
export function fromRecord(value: unknown): RecordingMetadata | undefined {
  if (!isObject(value)) return undefined;
  const { device, streamId, source, startUs, sampleRate, samples, software, omittedGaps } = value;
  if (typeof source !== "string" || typeof software !== "string") return undefined;
  if (typeof startUs !== "number" || typeof sampleRate !== "number" || typeof samples !== "number")
    return undefined;
  if (!isOptionalString(device) || !isOptionalNumber(streamId) || !isOptionalNumber(omittedGaps))
    return undefined;
  const local = typeof value.local === "string" ? parseLocal(value.local) : undefined;
  const gaps = parseGaps(value.gaps);
  if (local === undefined || gaps === undefined) return undefined;
  const metadata: RecordingMetadata = {
    ...(device !== undefined && { device }),
    ...(streamId !== undefined && { streamId }),
    source,
    startUs,
    local,
    sampleRate,
    samples,
    software,
    gaps,
    ...(omittedGaps !== undefined && { omittedGaps }),
  };
  return recordingProblem(metadata) === undefined ? metadata : undefined;
}

function parseGaps(value: unknown): MetadataGap[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const gaps = value.map(parseGap).filter((gap) => gap !== undefined);
  return gaps.length === value.length ? gaps : undefined;
}

function parseGap(value: unknown): MetadataGap | undefined {
  if (!isObject(value)) return undefined;
  const { startUs, samples, cause, filled } = value;
  if (typeof startUs !== "number" || typeof samples !== "number") return undefined;
  if (typeof cause !== "string" || typeof filled !== "boolean") return undefined;
  return { startUs, samples, cause, filled };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isOptionalString(value: unknown): value is string | undefined {
  return value === undefined || typeof value === "string";
}

function isOptionalNumber(value: unknown): value is number | undefined {
  return value === undefined || typeof value === "number";
}
