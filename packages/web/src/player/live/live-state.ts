import { signal } from "@preact/signals";

/** How live listening goes. */
export interface LiveStatus {
  readonly device: string;
  /** From the frame's coming to the loudspeaker. */
  readonly latencyS: number;
  /** Frames that did not come, or that the receiver left out because this listener is slow. */
  readonly lostFrames: number;
  /** Sample frames that were left out here so that it does not lag. */
  readonly droppedFrames: number;
  /** Times that nothing was there to be heard. */
  readonly dryRuns: number;
}

/** Undefined while nobody listens, or nothing has come yet. */
export const live = signal<LiveStatus | undefined>(undefined);
