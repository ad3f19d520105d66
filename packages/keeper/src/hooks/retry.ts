import type { HookError } from "../errors.js";
import type { Hook } from "./settings.js";

/** Tries unless told otherwise: ten minutes of a command, three days of a webhook. */
export const DEFAULT_ATTEMPTS = { command: 8, webhook: 400 } as const;

const FIRST_MS = 5000;
const LONGEST_MS = 900_000;
// What only a change on either side can mend is not worth days of trying.
const REFUSED_ATTEMPTS = 3;
// Every other delivery of the hook would fail in the same way.
const COMMON: readonly HookError["code"][] = ["hook-unreachable", "hook-not-started"];

/**
 * When to try a failed delivery again: 5 s, doubled with every failure, up to 15 min; less up to a half by chance, so
 * that what failed together does not come back together; and not before the other side wants it (`Retry-After`).
 * `hook-stopped` is no failure: it should not be counted.
 *
 * @param failures so far, this one included
 * @param random 0 … 1
 * @returns milliseconds; undefined = give up
 */
export function retryDelayMs(
  { attempts }: Pick<Hook, "attempts">,
  { code, retryable, retryAfterMs }: Pick<HookError, "code" | "retryable" | "retryAfterMs">,
  failures: number,
  random: number = Math.random(),
): number | undefined {
  if (!retryable) return undefined;
  if (code === "hook-stopped") return 0;
  const allowed = code === "hook-refused" ? Math.min(attempts, REFUSED_ATTEMPTS) : attempts;
  if (failures >= allowed) return undefined;
  const backoff = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1)) * (1 - random / 2);
  return Math.round(Math.max(backoff, retryAfterMs ?? 0));
}

/** Whether it is no fault of the delivery: nobody answers, or the program is not there. All of the hook's then wait. */
export function isOutage({ code }: Pick<HookError, "code">): boolean {
  return COMMON.includes(code);
}
