/** Limits of a series of waits between attempts, in milliseconds. */
export interface BackoffLimits {
  readonly firstMs: number;
  readonly capMs: number;
}

/** While the first connection is tried: somebody waits in front of it. */
export const FIRST_CONNECTION: BackoffLimits = { firstMs: 100, capMs: 500 };

/** After a connection broke: a server that is down for hours is asked twice a minute. */
export const RECONNECTION: BackoffLimits = { firstMs: 250, capMs: 30_000 };

/**
 * How long to wait after the attempt with this number (0 is the first): doubled each time up to the cap, of which the
 * upper half is random, so that many streams do not return in step.
 *
 * @param random in [0, 1)
 */
export function backoffMs(attempt: number, limits: BackoffLimits, random: number): number {
  const full = Math.min(limits.capMs, limits.firstMs * 2 ** attempt);
  return full * (0.5 + random / 2);
}
