import type { StreamProgress } from "./options.js";
import type { StreamSummary } from "./summary.js";

/** What one stream has done, counted while it runs. */
export class StreamStatus {
  state: StreamProgress["state"] = "opening";
  sampleRate = 0;
  channels = 0;
  /** Samples per channel handed to a connection, each counted once. */
  samples = 0;
  frames = 0;
  bytes = 0;
  framesSkipped = 0;
  /** The server tells what it has on disk. */
  acknowledged = false;
  framesAcknowledged = 0;
  /** Samples per channel that are kept because the server did not acknowledge them yet. */
  unacknowledgedSamples = 0;
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
    const unacknowledgedSeconds = this.secondsOf(this.unacknowledgedSamples);
    return { streamId, state, seconds, totalSeconds, frames, bytes, reconnects, unacknowledgedSeconds };
  }

  summary(): StreamSummary {
    const { streamId, sampleRate, channels, samples, seconds, frames, bytes } = this;
    const { reconnects, framesSkipped, acknowledged, framesAcknowledged } = this;
    const sent = { streamId, sampleRate, channels, samples, seconds, frames, bytes };
    return { ...sent, reconnects, framesSkipped, acknowledged, framesAcknowledged };
  }

  private get seconds(): number {
    return this.secondsOf(this.samples);
  }

  private secondsOf(samples: number): number {
    return this.sampleRate > 0 ? samples / this.sampleRate : 0;
  }

  private get reconnects(): number {
    return Math.max(0, this.connections - 1);
  }
}
