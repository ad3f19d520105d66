import type { Segment, StreamInfo } from "@audio/archive";
import type { Gap } from "@audio/segments";

/** A segment is finished, and all that was to be done with it before hooks is done. */
export interface SegmentHookEvent {
  readonly event: "segment:complete";
  readonly segment: Omit<Segment, "id">;
}

/** A sender was accepted. */
export interface StreamOpenHookEvent {
  readonly event: "stream:open";
  /** UTC, microseconds since the epoch. */
  readonly atUs: number;
  readonly stream: StreamInfo;
  /** How its audio arrives: `pcm16`, `ima-adpcm`, `raw-pcm`. */
  readonly codec: string;
}

/** A stream ended. */
export interface StreamCloseHookEvent {
  readonly event: "stream:close";
  /** UTC, microseconds since the epoch. */
  readonly atUs: number;
  readonly stream: StreamInfo;
  readonly cause: string;
  /** What was wrong; else empty. */
  readonly detail: string;
  /** Sample frames recorded, filled gaps included. */
  readonly samples: number;
  /** Frames that never came. */
  readonly lostFrames: number;
}

/** Audio is missing, or silence stands in its place. */
export interface GapHookEvent {
  readonly event: "gap";
  readonly stream: StreamInfo;
  readonly gap: Gap;
}

/** There is little room on the disk, or none, or no disk. */
export interface DiskHookEvent {
  readonly event: "disk:low";
  /** UTC, microseconds since the epoch. */
  readonly atUs: number;
  /** `disk-full`, `disk-unavailable`, or another word for what is wrong. */
  readonly trouble: string;
  readonly detail: string;
  /** undefined = not known. */
  readonly freeBytes: number | undefined;
  /** Until the disk is full at the present rate; undefined = not known. */
  readonly hoursLeft: number | undefined;
}

/** What hooks are told of. */
export type HookEvent =
  | SegmentHookEvent
  | StreamOpenHookEvent
  | StreamCloseHookEvent
  | GapHookEvent
  | DiskHookEvent;
