const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 15 * 60_000;

/**
 * How long to wait before an attempt: exponential with full jitter, so that a thousand jobs that failed together
 * do not come back together (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 * @param attempt failed attempts so far, 1, 2, …
 * @param random 0 ≤ random < 1
 * @returns milliseconds, 0 … 15 min; on average 0.5 s, 1 s, 2 s, … and 7.5 min from the 11th on
 */
export function retryDelayMs(attempt: number, random: number): number {
  const doublings = Math.min(Math.max(attempt - 1, 0), 30);
  return Math.floor(random * Math.min(FIRST_DELAY_MS * 2 ** doublings, LONGEST_DELAY_MS));
}
