import type { Form, Segment, SegmentForm, Source, StreamInfo } from "@audio/archive";
import type { LevelSummary } from "@audio/levels";
import { cut } from "./clean-text.js";
import type {
  DiskHookEvent,
  GapHookEvent,
  HookEvent,
  SegmentHookEvent,
  StreamCloseHookEvent,
  StreamOpenHookEvent,
} from "./event.js";
import type { HookEventName } from "./settings.js";

/** Of the shape below; a change that could break a receiver raises it. */
export const PAYLOAD_VERSION = 1;

/** Where in time something lies, for people (`start`: ISO 8601, milliseconds) and to the microsecond. */
export interface PayloadTimes {
  readonly start: string;
  readonly startUs: number;
  readonly end: string;
  readonly endUs: number;
  /** Sample frames. */
  readonly samples: number;
  readonly seconds: number;
}

/** Where a recording comes from, for a hook. */
export interface PayloadStream {
  readonly source: Source | null;
  readonly streamId: number;
  /** Address and port of the sender; null = not known any more. */
  readonly peer: string | null;
  readonly codec: string | null;
  /** Hz */
  readonly sampleRate: number;
  readonly channels: number;
  readonly bitsPerSample: number;
}

/** One form of the segment: path below the data directory, object in a store, or both. */
export interface PayloadForm {
  readonly form: Form;
  readonly bytes: number;
  readonly path: string | null;
  readonly remote: { readonly bucket: string; readonly key: string } | null;
}

/** How loud a segment is, for a hook. */
export interface PayloadLevels {
  /** dBFS; null = digital silence. */
  readonly peakDbfs: number | null;
  readonly rmsDbfs: number | null;
  readonly clippedSamples: number;
  readonly flatSeconds: number;
}

export interface PayloadSegment extends PayloadTimes {
  readonly stem: string;
  /** The audio below the data directory, smallest form first; null = it is only in the store. */
  readonly path: string | null;
  readonly forms: readonly PayloadForm[];
  /** Ranges that are missing or silence in place of audio, and their length together. */
  readonly gaps: number;
  readonly missingSamples: number;
  /** null = not measured. */
  readonly levels: PayloadLevels | null;
}

/** What a hook gets as JSON. Fields that an event does not have are not there. */
export interface HookPayload {
  readonly version: typeof PAYLOAD_VERSION;
  /** The same whenever this is delivered again. */
  readonly id: string;
  readonly hook: string;
  readonly event: HookEventName;
  /** ISO 8601: the end of a segment or gap, else when it happened. */
  readonly time: string;
  /** null = the sender gave no name. */
  readonly device: string | null;
  readonly stream?: PayloadStream;
  readonly segment?: PayloadSegment;
  readonly gap?: PayloadTimes & { readonly cause: string; readonly filled: boolean };
  readonly close?: {
    readonly cause: string;
    readonly detail: string;
    readonly samples: number;
    readonly seconds: number;
    readonly lostFrames: number;
  };
  readonly disk?: {
    readonly trouble: string;
    readonly detail: string;
    readonly freeBytes: number | null;
    readonly hoursLeft: number | null;
  };
}

/** What an event says, without what distinguishes one delivery of it from another. */
export type PayloadBody = Omit<HookPayload, "version" | "id" | "hook">;

/** An event in the words of the payload. */
export function payloadBody(event: HookEvent): PayloadBody {
  switch (event.event) {
    case "segment:complete":
      return segmentBody(event);
    case "stream:open":
      return streamOpenBody(event);
    case "stream:close":
      return streamCloseBody(event);
    case "gap":
      return gapBody(event);
    case "disk:low":
      return diskBody(event);
  }
}

function segmentBody({ event, segment }: SegmentHookEvent): PayloadBody {
  const { stem, forms, gaps, levels } = segment;
  const times = timesOf(segment, segment.sampleRate);
  const stream = streamOf({ ...segment, peer: undefined }, undefined);
  return {
    event,
    time: times.end,
    device: deviceOf(segment),
    stream,
    segment: {
      stem,
      path: audioPath(stem, forms),
      ...times,
      forms: forms.map((form) => formOf(stem, form)),
      gaps: gaps.length,
      missingSamples: gaps.reduce((sum, { samples }) => sum + samples, 0),
      levels: levels === undefined ? null : levelsOf(levels),
    },
  };
}

function streamOpenBody({ event, atUs, stream, codec }: StreamOpenHookEvent): PayloadBody {
  return { event, time: iso(atUs), device: deviceOf(stream), stream: streamOf(stream, codec) };
}

function streamCloseBody(closed: StreamCloseHookEvent): PayloadBody {
  const { event, atUs, stream, cause, detail, samples, lostFrames } = closed;
  return {
    event,
    time: iso(atUs),
    device: deviceOf(stream),
    stream: streamOf(stream, undefined),
    close: { cause, detail: cut(detail), samples, seconds: samples / stream.sampleRate, lostFrames },
  };
}

function gapBody({ event, stream, gap }: GapHookEvent): PayloadBody {
  const { cause, filled } = gap;
  const times = timesOf(gap, stream.sampleRate);
  const gapStream = streamOf(stream, undefined);
  return {
    event,
    time: times.end,
    device: deviceOf(stream),
    stream: gapStream,
    gap: { ...times, cause, filled },
  };
}

function diskBody({ event, atUs, trouble, detail, freeBytes, hoursLeft }: DiskHookEvent): PayloadBody {
  const disk = { trouble, detail: cut(detail), freeBytes: freeBytes ?? null, hoursLeft: finite(hoursLeft) };
  return { event, time: iso(atUs), device: null, disk };
}

type StreamFacts = Pick<StreamInfo, "streamId" | "sampleRate" | "channels"> & {
  readonly source: Source | undefined;
  readonly peer: string | undefined;
  readonly bitsPerSample: number;
};

function streamOf(facts: StreamFacts, codec: string | undefined): PayloadStream {
  const { source, streamId, peer, sampleRate, channels, bitsPerSample } = facts;
  const format = { sampleRate, channels, bitsPerSample };
  return { source: source ?? null, streamId, peer: peer ?? null, codec: codec ?? null, ...format };
}

function timesOf(
  { startUs, samples }: { startUs: number; samples: number },
  sampleRate: number,
): PayloadTimes {
  const endUs = startUs + Math.round((samples * 1_000_000) / sampleRate);
  return { start: iso(startUs), startUs, end: iso(endUs), endUs, samples, seconds: samples / sampleRate };
}

// Smallest first: what plays it takes the least time to read.
const AUDIO: readonly Form[] = ["opus", "flac", "wav"];

function audioPath(stem: string, forms: readonly SegmentForm[]): string | null {
  const form = AUDIO.find((wanted) => forms.some((found) => found.form === wanted && found.local));
  return form === undefined ? null : `${stem}.${form}`;
}

function formOf(stem: string, { form, bytes, local, remote }: SegmentForm): PayloadForm {
  const stored = remote === undefined ? null : { bucket: remote.bucket, key: remote.key };
  return { form, bytes, path: local ? `${stem}.${form}` : null, remote: stored };
}

function levelsOf({ peakDbfs, rmsDbfs, clippedSamples, flatSeconds }: LevelSummary): PayloadLevels {
  return { peakDbfs: finite(peakDbfs), rmsDbfs: finite(rmsDbfs), clippedSamples, flatSeconds };
}

function deviceOf({ device }: Pick<Segment, "device">): string | null {
  return device === undefined ? null : cut(device);
}

const finite = (value: number | undefined) => (Number.isFinite(value) ? (value as number) : null);

// 9999-12-31T23:59:59.999Z: dates behind it have another form, far behind it none. A device's clock may say anything.
const LAST_MS = 253_402_300_799_999;

function iso(us: number): string {
  return new Date(Math.min(LAST_MS, Math.max(0, Math.floor(us / 1000)))).toISOString();
}
