import type { StreamInfo } from "@audio/archive";

/** Where a live stream stands. */
export interface StreamStatus {
  readonly stream: StreamInfo;
  /** Audio frames accepted; 0 for raw PCM. */
  readonly frames: number;
  /** Payload bytes accepted. */
  readonly bytes: number;
  /** Sample frames recorded, filled gaps included. */
  readonly samples: number;
  /** Frames that never came. */
  readonly lostFrames: number;
  /** Frames that came again or too late, and were dropped. */
  readonly repeatedFrames: number;
  /** ADPCM: the order in use, `undecided` while `auto` looks for it; undefined for PCM. */
  readonly nibbleOrder: "low" | "high" | "undecided" | undefined;
  /** Device clock against ours in parts per million, positive = fast; undefined until known. */
  readonly driftPpm: number | undefined;
}
