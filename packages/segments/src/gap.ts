/** Why audio is missing. */
export const GAP_CAUSES = ["lost-frames", "disconnected", "disk-full", "server-restart", "overload"] as const;

/** Why audio is missing; one of `GAP_CAUSES`. */
export type GapCause = (typeof GAP_CAUSES)[number];

/** A range of a stream that was not recorded. */
export interface Gap {
  /** UTC, microseconds since the epoch: where the first missing sample frame belongs. */
  readonly startUs: number;
  /** Length in sample frames of the stream's rate. */
  readonly samples: number;
  readonly cause: GapCause;
  /** true: the file holds silence of this length in its place. */
  readonly filled: boolean;
}
