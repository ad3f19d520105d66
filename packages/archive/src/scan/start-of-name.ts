import type { PathParts, TimeZone } from "@audio/segments";

const DAY_US = 86_400_000_000;
// The two moments of an ambiguous wall time lie half an hour apart at least (Lord Howe Island).
const NEAR_US = 900_000_000;

/**
 * When a segment began whose file does not say so: UTC, microseconds since the epoch.
 *
 * The name tells it to the second or minute; within that, the end of the last write less the length of the audio
 * does, if it lies there. The hour that comes twice when summer time ends: the pass in which the file was written;
 * if it was written at neither (a copy), the first pass for a plain name and the second for a numbered one. The hour
 * that is left out in spring counts as if the clock had not been changed.
 * @param writtenUs what the file's times make of it: last write less length
 */
export function startOfName({ start, number }: PathParts, writtenUs: number, zone: TimeZone): number {
  if (start === undefined) return Math.max(0, writtenUs);
  const { localUs, withinUs } = start;
  const moments = zone.moments(localUs);
  const exact = moments.find((us) => writtenUs >= us && writtenUs < us + withinUs);
  if (exact !== undefined) return writtenUs;
  if (moments.length === 0) return localUs - zone.offsetUs(localUs - DAY_US);
  const near = moments.find((us) => Math.abs(writtenUs - us) < NEAR_US);
  return near ?? moments[Math.min(number, moments.length) - 1];
}
