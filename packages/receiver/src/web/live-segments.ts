import { relative, sep } from "node:path";
import {
  type Archive,
  type GrowingSegment,
  type Segment,
  type SegmentComplete,
  type SegmentForm,
  type StreamInfo,
  segmentEndUs,
} from "@audio/archive";
import type { KeeperThread } from "@audio/keeper";
import { type SegmentLevels, summarize } from "@audio/levels";
import { WAV_HEADER_BYTES } from "@audio/wav";
import type { Streams } from "../streams.js";

/** A segment, wherever it is known from. */
export interface KnownSegment extends Segment {
  /** It still grows: its file is `{stem}.wav.part`, and becomes `{stem}.wav` at any moment. */
  readonly isRecording: boolean;
}

/** A segment that the catalogue does not have yet. Its id is negative, and may be another one when asked again. */
export interface LiveSegment extends KnownSegment {
  /** Peaks over time, see `@audio/levels`. */
  readonly track: Uint8Array;
}

/** Which segments; all that is given must hold. */
export interface LiveQuery {
  /** Null: senders without a name. */
  readonly device?: string | null;
  readonly streamId?: number;
  /** UTC, microseconds since the epoch: segments that reach beyond `fromUs` and begin before `toUs`. */
  readonly fromUs?: number;
  readonly toUs?: number;
}

export interface LiveSources {
  readonly archive: Pick<Archive, "dataDir">;
  readonly streams: Pick<Streams, "live">;
  readonly keeper: Pick<KeeperThread, "untaken"> | undefined;
}

/**
 * Segments that the catalogue does not have yet: those being recorded, as far as they are in their files, and those
 * complete that the keeper has not entered. Ask this before the catalogue, or what is entered meanwhile is in neither.
 *
 * @returns in order of their start
 */
export function liveSegments(
  { archive, streams, keeper }: LiveSources,
  query: LiveQuery = {},
): LiveSegment[] {
  const { dataDir } = archive;
  const found = (keeper?.untaken ?? []).flatMap((event) =>
    event.type === "segment" && isOf(event.segment.stream, query)
      ? completeSegment(dataDir, event.segment)
      : [],
  );
  for (const { info, recorder } of streams.live)
    if (isOf(info, query))
      found.push(...recorder.growing.map((segment) => growingSegment(dataDir, info, segment)));
  return found
    .filter((segment) => isIn(segment, query))
    .sort((a, b) => a.startUs - b.startUs)
    .map(({ measure, ...segment }, i) => {
      const { track, ...levels } = measure();
      return { ...segment, id: -1 - i, levels, track };
    });
}

/**
 * Segments of the catalogue and live ones together, in order of their start; what both know is the catalogue's.
 */
export function withLive(catalogued: readonly Segment[], live: readonly LiveSegment[]): KnownSegment[] {
  const known = new Set(catalogued.map(({ stem }) => stem));
  return [
    ...catalogued.map((segment) => ({ ...segment, isRecording: false })),
    ...live.filter(({ stem }) => !known.has(stem)),
  ].sort((a, b) => a.startUs - b.startUs || a.id - b.id);
}

function isOf({ device, streamId }: StreamInfo, query: LiveQuery): boolean {
  if (query.device !== undefined && (device ?? null) !== query.device) return false;
  return query.streamId === undefined || streamId === query.streamId;
}

function isIn({ startUs, endUs, samples }: Unmeasured, { fromUs, toUs }: LiveQuery): boolean {
  if (samples === 0) return false;
  return (fromUs === undefined || endUs > fromUs) && (toUs === undefined || startUs < toUs);
}

// Measuring copies the levels: done only for what was asked for.
interface Unmeasured extends Omit<LiveSegment, "id" | "levels" | "track"> {
  readonly measure: () => SegmentLevels;
}

function growingSegment(dataDir: string, stream: StreamInfo, growing: GrowingSegment): Unmeasured {
  const bytes = WAV_HEADER_BYTES + (growing.samples * stream.channels * stream.bitsPerSample) / 8;
  return {
    ...factsOf(dataDir, stream, growing),
    measure: growing.levels,
    forms: [localForm("wav", bytes)],
    isRecording: true,
  };
}

function completeSegment(dataDir: string, event: SegmentComplete): Unmeasured {
  const { bytes, bin } = event;
  return {
    ...factsOf(dataDir, event.stream, event),
    measure: () => summarize(event.levels),
    forms: [localForm("wav", bytes), ...(bin === undefined ? [] : [localForm("bin", bin.bytes)])],
    isRecording: false,
  };
}

function factsOf(
  dataDir: string,
  { source, device, streamId, sampleRate, channels, bitsPerSample }: StreamInfo,
  { path, startUs, samples, gaps }: Pick<SegmentComplete, "path" | "startUs" | "samples" | "gaps">,
) {
  const below = relative(dataDir, path).split(sep).join("/");
  const facts = { startUs, samples, sampleRate, gaps: [...gaps] };
  const shape = { source, device, streamId, channels, bitsPerSample };
  return { stem: below.replace(/\.wav$/, ""), ...shape, ...facts, endUs: segmentEndUs(facts) };
}

function localForm(form: "wav" | "bin", bytes: number): SegmentForm {
  return { form, bytes, local: true, remote: undefined };
}
