/** Between asking a command to end and ending it. */
const GRACE_MS = 2000;

/** A command and all that it started, as long as that did not leave the group. */
export class ProcessGroup {
  #killing: NodeJS.Timeout | undefined;

  /** @param pid of the leader, which was started `detached` */
  constructor(private readonly pid: number) {}

  /** SIGTERM, and SIGKILL two seconds later. */
  end(): void {
    if (this.#killing !== undefined) return;
    this.#signal("SIGTERM");
    this.#killing = setTimeout(() => this.#signal("SIGKILL"), GRACE_MS);
  }

  /** SIGKILL for whatever the leader left behind; for when it has ended. */
  sweep(): void {
    clearTimeout(this.#killing);
    this.#signal("SIGKILL");
  }

  #signal(signal: NodeJS.Signals): void {
    try {
      process.kill(process.platform === "win32" ? this.pid : -this.pid, signal);
    } catch (error) {
      // ESRCH: nobody is left. EPERM: macOS says so of a group of zombies.
      if (!["ESRCH", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }
}
