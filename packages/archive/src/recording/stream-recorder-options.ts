import type { CutRule, PathTemplate, TimeZone } from "@audio/segments";
import type { WallClock } from "../clock.js";
import type { DiskWatch } from "../disk/disk-watch.js";
import type { RecorderListener, StreamInfo } from "../events.js";
import type { AcknowledgedSession } from "../journal/acknowledged-session.js";
import type { Journal } from "../journal/journal.js";
import type { OpenSegment } from "./open-segment.js";
import type { SegmentStore } from "./segment-store.js";

/** How one stream is to be recorded. */
export interface StreamRecorderOptions {
  readonly stream: StreamInfo;
  readonly store: SegmentStore;
  readonly disk: DiskWatch;
  readonly wallClock: WallClock;
  readonly zone: TimeZone;
  readonly template: PathTemplate;
  readonly segmentSeconds: number;
  readonly align: CutRule["align"];
  /** Whether frames are kept in a `.bin` beside the WAV. */
  readonly keepFrames: boolean;
  /** In front of the frames of every `.bin`; empty for none. */
  readonly binPreamble: Uint8Array;
  readonly software: string;
  /** Bytes that may wait for the disk before the sender must wait (default 512 KiB). */
  readonly backlogBytes?: number;
  readonly listener: RecorderListener;
  /** Told about every segment; needed for acknowledged streams. */
  readonly journal?: Journal;
  /** Set for a stream whose sender is told what is on disk; it goes on where the session stands. */
  readonly session?: AcknowledgedSession;
  /** Takes a segment that failed, to finish it when the disk is well again. */
  readonly onFailed?: (segment: OpenSegment) => void;
  /** A congested stream may go on. */
  readonly onRelief: () => void;
  /** Called once a second before what has gathered is written: the last chance to hand over what was held back. */
  readonly onFlush?: (nowUs: number) => void;
}
