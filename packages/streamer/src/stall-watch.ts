import type { Clock } from "./clock.js";

/** How often a stream is looked at that waits for acknowledgements. */
const LOOK_MS = 10_000;

/** Looks now and then at how long nothing has gone forward. */
export class StallWatch {
  private progressMs = 0;
  private cancel: (() => void) | undefined;

  /** @param look called every 10 s with the milliseconds since the last progress */
  constructor(
    private readonly clock: Clock,
    private readonly look: (stalledMs: number) => void,
  ) {}

  /** Something went forward. The first call starts the watch. */
  progress(): void {
    this.progressMs = this.clock.monotonicMs();
    if (this.cancel === undefined) this.arm();
  }

  stop(): void {
    this.cancel?.();
  }

  private arm(): void {
    this.cancel = this.clock.after(LOOK_MS, () => {
      this.arm();
      this.look(this.clock.monotonicMs() - this.progressMs);
    });
  }
}
