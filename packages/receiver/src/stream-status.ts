import type { StreamInfo } from "@audio/archive";
import type { SecondLevel } from "@audio/levels";
import type { Codec } from "@audio/protocol";

/** Where a live stream stands. */
export interface StreamStatus {
  readonly stream: StreamInfo;
  /** How its audio arrives; raw PCM for TCP and UDP. */
  readonly codec: Codec | "raw-pcm";
  /** UTC, microseconds since the epoch, at which it began. */
  readonly openedUs: number;
  /** UTC, microseconds since the epoch, at which audio came last; undefined before the first. */
  readonly heardUs: number | undefined;
  /** Audio frames accepted; 0 for raw PCM. */
  readonly frames: number;
  /** Payload bytes accepted. */
  readonly bytes: number;
  /** Sample frames recorded, filled gaps included. */
  readonly samples: number;
  /** Those of `samples` that an acknowledged session had already when this stream went on with it. */
  readonly resumedSamples: number;
  /** UTC, microseconds since the epoch, behind the last of them; undefined before the first. */
  readonly endUs: number | undefined;
  /** Loudness of the last whole second that went to the disk; undefined before the first. */
  readonly level: SecondLevel | undefined;
  /** Frames that never came. */
  readonly lostFrames: number;
  /** Frames that came again or too late, and were dropped. */
  readonly repeatedFrames: number;
  /** ADPCM: the order in use, `undecided` while `auto` looks for it; undefined for PCM. */
  readonly nibbleOrder: "low" | "high" | "undecided" | undefined;
  /** Device clock against ours in parts per million, positive = fast; undefined until known. */
  readonly driftPpm: number | undefined;
}

/** What a stream's listener counts. */
export type StreamCounts = Pick<
  StreamStatus,
  "frames" | "bytes" | "lostFrames" | "repeatedFrames" | "nibbleOrder"
> & {
  /** Monotonic time in microseconds at which audio came last; undefined before the first. */
  readonly arrivedUs: number | undefined;
};
