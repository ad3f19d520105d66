/** Lets one waiter be called away from what it waits for, without adding a reaction per wait to a long-lived promise. */
export class Interruption {
  private wake: (() => void) | undefined;
  private raised = false;

  constructor(private readonly signal: AbortSignal) {
    signal.addEventListener("abort", () => this.raise(), { once: true });
  }

  /** Ends the wait under way, or the next one if there is none. */
  raise(): void {
    this.raised = true;
    this.wake?.();
  }

  /** Resolves with true when `promise` does, rejects when it does, or resolves with false when interrupted first. */
  async until(promise: Promise<unknown>): Promise<boolean> {
    const settled = await new Promise<boolean>((resolve, reject) => {
      this.wake = () => resolve(false);
      promise.then(() => resolve(true), reject);
      if (this.raised || this.signal.aborted) resolve(false);
    });
    if (!settled) this.raised = false;
    return settled;
  }
}
