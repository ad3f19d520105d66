// btrfs and others give space back with their next commit, up to 30 s later.
const LONGEST_MS = 30_000;
// Recordings grow while we delete: only less than half of what went tells that the disk is slow to show it.
const SHOWN_AT_ONCE = 0.5;

/** Space that was given back but that the disk does not show yet: it must not be made a second time. */
export class SlowFrees {
  #expected: { readonly untilMs: number; readonly bytes: number }[] = [];

  /** Files of `bytes` were deleted, by which free space rose from `beforeBytes` to `afterBytes`. */
  deleted(atMs: number, bytes: number, beforeBytes: number, afterBytes: number): void {
    const shown = afterBytes - beforeBytes;
    if (shown >= bytes * SHOWN_AT_ONCE) return;
    this.#expected.push({ untilMs: atMs + LONGEST_MS, bytes: bytes - Math.max(0, shown) });
  }

  /** Bytes that are still to show. */
  bytes(atMs: number): number {
    this.#expected = this.#expected.filter(({ untilMs }) => atMs < untilMs);
    return this.#expected.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}
