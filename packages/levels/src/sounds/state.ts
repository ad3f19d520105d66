/** What a detector carries from segment to segment of a stream: plain JSON. */
export interface SoundEventState {
  readonly version: 1;
  /** UTC, microseconds since the epoch, behind the last segment. */
  readonly endUs: number;
  /** The device's background; null before anything was received. */
  readonly background: BackgroundState | null;
  /** The event under way, perhaps too short yet to be one. */
  readonly event: OpenSound | null;
}

/** What a device hears when nothing happens. */
export interface BackgroundState {
  /** Of the peaks of 100 ms, dBFS. */
  readonly peakDbfs: number;
  /** Of the RMS of seconds, dBFS. */
  readonly rmsDbfs: number;
  /** Seconds of audio that it was learned from, 60 at most. */
  readonly seconds: number;
}

/** An event that is not over. */
export interface OpenSound {
  /** UTC, microseconds since the epoch, of its first loud window. */
  readonly startUs: number;
  /** Behind its last loud window. */
  readonly endUs: number;
  readonly peakDbfs: number;
  /** Of the peaks of 100 ms, when it began. */
  readonly backgroundDbfs: number;
  readonly loudWindows: number;
  /** dB above the background: the largest, and the sum over all loud windows. */
  readonly mostDb: number;
  readonly sumDb: number;
}

/**
 * Reads a state that was kept as JSON. What is none, damaged or of another version is undefined: the background is
 * learned anew then.
 */
export function parseSoundEventState(json: string): SoundEventState | undefined {
  const state = parsed(json);
  if (!hasNumbers(state, ["version", "endUs"]) || state.version !== 1) return undefined;
  const { background, event } = state as unknown as SoundEventState;
  if (background !== null && !hasNumbers(background, ["peakDbfs", "rmsDbfs", "seconds"])) return undefined;
  const numbers = ["startUs", "endUs", "peakDbfs", "backgroundDbfs", "loudWindows", "mostDb", "sumDb"];
  if (event !== null && !hasNumbers(event, numbers)) return undefined;
  return state as unknown as SoundEventState;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function hasNumbers(value: unknown, names: readonly string[]): value is Record<string, number> {
  if (typeof value !== "object" || value === null) return false;
  const record = value as Record<string, unknown>;
  return names.every((name) => Number.isFinite(record[name]));
}
