import type { StreamProgress } from "./options.js";
import type { StreamSummary } from "./summary.js";

/** What one stream has done, counted while it runs. */
export class StreamStatus {
  state: StreamProgress["state"] = "opening";
  sampleRate = 0;
  channels = 0;
  /** Samples per channel handed to the connection. */
  samples = 0;
  frames = 0;
  bytes = 0;
  framesSkipped = 0;
  /** Connections opened. */
  connections = 0;
  /** When the first connection was up, in milliseconds of the monotonic clock. */
  startedMs: number | undefined;

  constructor(
    readonly streamId: number,
    private readonly totalSeconds: number | undefined,
  ) {}

  progress(): StreamProgress {
    const { streamId, state, totalSeconds, frames, bytes, seconds, reconnects } = this;
    return { streamId, state, seconds, totalSeconds, frames, bytes, reconnects };
  }

  summary(): StreamSummary {
    const { streamId, sampleRate, channels, samples, seconds, frames, bytes, reconnects, framesSkipped } =
      this;
    return { streamId, sampleRate, channels, samples, seconds, frames, bytes, reconnects, framesSkipped };
  }

  private get seconds(): number {
    return this.sampleRate > 0 ? this.samples / this.sampleRate : 0;
  }

  private get reconnects(): number {
    return Math.max(0, this.connections - 1);
  }
}
