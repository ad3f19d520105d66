/** Why a hook was not delivered. */
export type HookErrorCode =
  | "hook-not-started"
  | "hook-failed"
  | "hook-timeout"
  | "hook-unreachable"
  | "hook-refused"
  | "hook-secret-missing"
  | "hook-stopped";

/** How a failed delivery may go on. */
export interface HookErrorDetails extends ErrorOptions {
  /** Whether the same delivery may succeed later. */
  readonly retryable: boolean;
  /** Milliseconds that the receiver of a webhook asked to wait (`Retry-After`); at most an hour. */
  readonly retryAfterMs?: number;
}

/** A command or webhook did not take a delivery; the message names the hook and what it answered. */
export class HookError extends Error {
  override readonly name = "HookError";
  /** Whether the same delivery may succeed later. */
  readonly retryable: boolean;
  /** Milliseconds that the receiver of a webhook asked to wait; undefined = it said nothing. */
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly code: HookErrorCode,
    message: string,
    { retryable, retryAfterMs, ...options }: HookErrorDetails,
  ) {
    super(message, options);
    this.retryable = retryable;
    this.retryAfterMs = retryAfterMs;
  }
}
