import type { CutRule, PathTemplate, TimeZone } from "@audio/segments";
import type { WallClock } from "./clock.js";
import type { DiskWatch } from "./disk-watch.js";
import type { RecorderListener, StreamInfo } from "./events.js";
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
  /** A congested stream may go on. */
  readonly onRelief: () => void;
  /** Called once a second before what has gathered is written: the last chance to hand over what was held back. */
  readonly onFlush?: (nowUs: number) => void;
}
