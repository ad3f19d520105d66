import type { Span } from "../plan/windows.js";
import type { Mode } from "../state.js";

/** A window that is played at once. */
export interface Step extends Span {
  /** Those that have something in it. */
  readonly devices: readonly string[];
  /** How much without a recording was jumped over to get there, µs. */
  readonly skippedUs: number;
  /** Some of it is fetched from the bucket first. */
  readonly isFar: boolean;
}

/** What comes at a moment. */
export type Next =
  | { readonly kind: "step"; readonly step: Step }
  /** Recording stands here, and goes on. */
  | { readonly kind: "edge"; readonly us: number }
  /** It is over; there may be something elsewhere. */
  | { readonly kind: "end"; readonly text: string; readonly elsewhereUs?: number };

/** What is played, window after window. */
export interface Programme {
  readonly mode: Mode;
  readonly devices: readonly string[];
  /** All that it is about; undefined when it has no end. */
  readonly extent?: Span;
  /** Sounds of a review, in order. */
  readonly sounds?: readonly { readonly startUs: number; readonly endUs: number }[];
  /**
   * The window at a moment, or the next one.
   * @throws ApiError; the signal's reason
   */
  next(us: number, signal: AbortSignal): Promise<Next>;
  /** Where windows must end because the format is another behind it. */
  cutAt(times: readonly number[]): void;
}
