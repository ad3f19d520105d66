import type { Archive } from "@audio/archive";

/** Why somebody may not come in now; worth another try later. */
export interface GateRefusal {
  readonly reason: string;
}

export interface GateOptions {
  readonly archive: Archive;
  /** Connections of all listeners together. */
  readonly maxConnections: number;
}

/** The one door for every listener: counts who is in, and says who may not come in. */
export class Gate {
  readonly #options: GateOptions;
  #inside = 0;
  #stopping = false;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Connections at the moment. */
  get connections(): number {
    return this.#inside;
  }

  /** Whether nobody comes in any more, for good. */
  get closed(): boolean {
    return this.#stopping;
  }

  /** Why no recording may begin now, also for those who are in already. */
  get trouble(): string | undefined {
    return this.#options.archive.disk.trouble;
  }

  /** Asks for entry; undefined = come in, and `leave` afterwards. */
  enter(): GateRefusal | undefined {
    const reason = this.#closedBecause();
    if (reason !== undefined) return { reason };
    this.#inside++;
    return undefined;
  }

  leave(): void {
    this.#inside--;
  }

  /** Nobody comes in any more. */
  close(): void {
    this.#stopping = true;
  }

  #closedBecause(): string | undefined {
    const { maxConnections } = this.#options;
    if (this.#stopping) return "server stopping";
    if (this.trouble !== undefined) return this.trouble;
    if (this.#inside >= maxConnections) return `${maxConnections} connections are open, the most allowed`;
    return undefined;
  }
}
