import type { PathParts, TimeZone } from "@audio/segments";

const DAY_US = 86_400_000_000;
// The two moments of an ambiguous wall time lie half an hour apart at least (Lord Howe Island).
const NEAR_US = 900_000_000;

/**
 * By what it was decided when a segment began: its last write alone (the name tells no time), the last write within
 * what the name leaves open, the name, the pass of an hour that comes twice in which it was written, the number in
 * its name (none: the first pass), or as if the clock had not been changed.
 */
export type StartEvidence =
  | "write"
  | "name-and-write"
  | "name"
  | "pass-of-write"
  | "pass-of-number"
  | "skipped";

/** When a segment began. */
export interface NamedStart {
  /** UTC, microseconds since the epoch. */
  readonly startUs: number;
  readonly by: StartEvidence;
  /** Whether clocks showed the time of its name twice. */
  readonly isAmbiguous: boolean;
}

/**
 * When a segment began whose file does not say so, and by what that was decided.
 *
 * The name tells it to the second or minute; within that, the end of the last write less the length of the audio
 * does, if it lies there. The hour that comes twice when summer time ends: the pass in which the file was written;
 * if it was written at neither (a copy), the first pass for a plain name and the second for a numbered one. The hour
 * that is left out in spring counts as if the clock had not been changed.
 * @param writtenUs what the file's times make of it: last write less length
 */
export function namedStart({ start, number }: PathParts, writtenUs: number, zone: TimeZone): NamedStart {
  if (start === undefined) return { startUs: Math.max(0, writtenUs), by: "write", isAmbiguous: false };
  const { localUs, withinUs } = start;
  const moments = zone.moments(localUs);
  const isAmbiguous = moments.length > 1;
  const exact = moments.find((us) => writtenUs >= us && writtenUs < us + withinUs);
  if (exact !== undefined) return { startUs: writtenUs, by: "name-and-write", isAmbiguous };
  if (moments.length === 0)
    return { startUs: localUs - zone.offsetUs(localUs - DAY_US), by: "skipped", isAmbiguous };
  const near = moments.find((us) => Math.abs(writtenUs - us) < NEAR_US);
  const startUs = near ?? moments[Math.min(number, moments.length) - 1];
  if (!isAmbiguous) return { startUs, by: "name", isAmbiguous };
  return { startUs, by: near === undefined ? "pass-of-number" : "pass-of-write", isAmbiguous };
}

/** The moment alone, as {@link namedStart} finds it: UTC, microseconds since the epoch. */
export function startOfName(parts: PathParts, writtenUs: number, zone: TimeZone): number {
  return namedStart(parts, writtenUs, zone).startUs;
}
