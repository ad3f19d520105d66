import type { Levels } from "@audio/levels";
import type { Gap } from "@audio/segments";

/** Where a stream came in. */
export type Source = (typeof SOURCES)[number];
export const SOURCES = ["websocket", "tcp", "framed-tcp", "udp"] as const;

/** One stream of one device, from its first audio to its end. */
export interface StreamInfo {
  /** Distinguishes streams within one run of the receiver, also those of the same device and stream id. */
  readonly key: number;
  readonly source: Source;
  /** hwid or device name; undefined when the sender gave none. */
  readonly device: string | undefined;
  /** The sender's number for the stream, 0 … 2³²−1; 0 for raw PCM. */
  readonly streamId: number;
  /** Address and port of the sender. */
  readonly peer: string;
  /** Hz */
  readonly sampleRate: number;
  readonly channels: number;
  readonly bitsPerSample: 16 | 24 | 32;
}

/** A segment's file has its name and takes audio. */
export interface SegmentOpen {
  readonly stream: StreamInfo;
  /** The name it will have when complete; until then `.part` is added. */
  readonly path: string;
  /** UTC, microseconds since the epoch, of the first sample frame. */
  readonly startUs: number;
}

/** A segment is finished: synced as configured, and under its final name. */
export interface SegmentComplete extends SegmentOpen {
  /** Sample frames (samples per channel). */
  readonly samples: number;
  /** Size of the WAV file. */
  readonly bytes: number;
  /** The frames as received, when they are kept. */
  readonly bin: { readonly path: string; readonly bytes: number } | undefined;
  readonly gaps: readonly Gap[];
  readonly levels: Levels;
}

/** A range of a stream is missing, or holds silence in its place. */
export interface GapEvent extends Gap {
  readonly stream: StreamInfo;
}

/** A segment could not be finished; what was written of it stays on disk as `.part`, for recovery. */
export interface SegmentFailed {
  readonly stream: StreamInfo;
  /** The name it would have had; undefined when it never got one. */
  readonly path: string | undefined;
  readonly error: Error;
}

/** What a recorder tells its surroundings, as it happens. */
export interface RecorderListener {
  /** A segment was begun; its `.part` file is there. */
  segmentOpen(event: SegmentOpen): void;
  /** A segment has its final name, and is on the disk. */
  segmentComplete(event: SegmentComplete): void;
  /** A segment could not be finished; what was written of it is kept. */
  segmentFailed(event: SegmentFailed): void;
  /** Audio is missing, and why. */
  gap(event: GapEvent): void;
}
