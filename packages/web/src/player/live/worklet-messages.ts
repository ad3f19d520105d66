/** What the worklet is told once. */
export interface ListeningOptions {
  readonly channels: number;
  /** Hz */
  readonly sourceRate: number;
  readonly targetS: number;
  readonly mostS: number;
}

/** What it tells four times a second. */
export interface ListeningStatus {
  readonly bufferedS: number;
  readonly droppedFrames: number;
  readonly dryRuns: number;
}
