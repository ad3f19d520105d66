/** Bytes of all streams that wait for the disk, against one bound. */
export class SharedBacklog {
  #bytes = 0;
  #movedMs = 0;

  /** @param limitBytes may be changed at any time */
  constructor(public limitBytes: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** How long bytes have waited without any of them being taken, in milliseconds; 0 when none waits. */
  get stalledMs(): number {
    return this.#bytes === 0 ? 0 : performance.now() - this.#movedMs;
  }

  add(bytes: number): void {
    if (this.#bytes === 0) this.#movedMs = performance.now();
    this.#bytes += bytes;
  }

  remove(bytes: number): void {
    this.#bytes -= bytes;
    this.#movedMs = performance.now();
  }
}

// A stream may always hold this much, however full the shared bound: a real-time stream needs no more.
const GUARANTEED_BYTES = 128 * 1024;

/**
 * Bytes of one stream that wait for the disk. Above the bound the stream is congested: its sender must wait.
 */
export class Backlog {
  #bytes = 0;
  #congested = false;

  /**
   * @param limitBytes bound of this stream
   * @param onRelief called when a congested stream may go on
   */
  constructor(
    readonly limitBytes: number,
    readonly shared: SharedBacklog,
    readonly onRelief: () => void,
  ) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether the sender must wait; once true, it stays so until half of the bound is written. */
  get congested(): boolean {
    if (!this.#congested) this.#congested = this.#bytes > this.#bound();
    return this.#congested;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    this.shared.add(bytes);
  }

  remove(bytes: number): void {
    this.#bytes -= bytes;
    this.shared.remove(bytes);
    if (!this.#congested || this.#bytes > this.#bound() / 2) return;
    this.#congested = false;
    this.onRelief();
  }

  #bound(): number {
    return this.shared.bytes > this.shared.limitBytes ? GUARANTEED_BYTES : this.limitBytes;
  }
}
