import { UploadError } from "./errors.js";

/** One try of a request: it ends when its caller wants, when it fails elsewhere, or when nothing moves any more. */
export interface Attempt {
  readonly signal: AbortSignal;
  /** Something moved: the time begins anew. */
  touch(): void;
  /** Ends the request with this error. */
  fail(error: Error): void;
}

/**
 * Does `work`, which must end soon after `attempt.signal` does.
 * @throws UploadError `timeout`; the signal's reason; what `fail` was told; whatever `work` throws
 */
export async function attempt<T>(
  timeoutMs: number,
  signal: AbortSignal | undefined,
  work: (attempt: Attempt) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const ending = new AbortController();
  const fail = (error: Error) => ending.abort(error);
  const onAbort = () => ending.abort(signal?.reason);
  // Not AbortSignal.any: on Node 20 a signal that lives for long keeps every one that was made of it.
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(() => fail(new UploadError("timeout", nothingFor(timeoutMs))), timeoutMs);
  try {
    return await work({ signal: ending.signal, touch: () => timer.refresh(), fail });
  } catch (error) {
    throw ending.signal.aborted ? ending.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

function nothingFor(timeoutMs: number): string {
  return `nothing moved for ${timeoutMs / 1000} s (S3_TIMEOUT_SECONDS)`;
}
