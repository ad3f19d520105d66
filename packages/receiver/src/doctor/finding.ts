import type { ConfigValues } from "../config/config-values.js";
import type { ReceiverSettings } from "../settings.js";

/** How something stands: `warning` records, but not as one may think; `fault` keeps something from working. */
export type Verdict = "ok" | "warning" | "fault";

/** What a look has shown. */
export interface Finding {
  /** What was looked at. */
  readonly check: string;
  readonly verdict: Verdict;
  /** What was found, in one line. */
  readonly found: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** What the looks are at. */
export interface Patient {
  readonly values: ConfigValues;
  readonly settings: ReceiverSettings;
  /** Absolute; need not exist. */
  readonly dataDir: string;
  /** Files that settings are read from, if they are there. */
  readonly settingFiles: readonly string[];
  /** A receiver records into the data directory now. */
  readonly isRunning: boolean;
}

/** Looks at something. What it throws is a fault of that thing. */
export type Check = (patient: Patient) => Promise<readonly Finding[]>;

/** A finding that needs nothing done. */
export function ok(check: string, found: string): Finding {
  return { check, verdict: "ok", found };
}

export function warning(check: string, found: string, advice: string): Finding {
  return { check, verdict: "warning", found, advice };
}

export function fault(check: string, found: string, advice: string): Finding {
  return { check, verdict: "fault", found, advice };
}
