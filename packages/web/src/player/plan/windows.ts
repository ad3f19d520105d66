/** A stretch of time, µs UTC; `toUs` is not in it. */
export interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

/** What a device has recorded, as the timeline tells it. */
export type Stretch = readonly [fromUs: number, toUs: number, where: "local" | "remote" | "recording"];

export interface WindowRules {
  /** No window is longer. */
  readonly longestUs: number;
  /** So long a time without a recording is jumped over; a shorter one is heard as silence. */
  readonly skipUs: number;
  /** A window ends here at the latest, where one of these lies behind its beginning. */
  readonly cuts: readonly number[];
}

/** What is asked of the server at once, and how much was jumped over to get there. */
export interface PlannedWindow extends Span {
  readonly skippedUs: number;
}

/** Audio shorter than this is not worth a request: it would be over before it is heard. */
export const LEAST_US = 50_000;

/** Stretches of several devices as one list, in order; those with less than `joinUs` between them are one. */
export function union(stretches: readonly Stretch[], joinUs: number): Span[] {
  const sorted = [...stretches].sort((a, b) => a[0] - b[0]);
  const joined: { fromUs: number; toUs: number }[] = [];
  for (const [fromUs, toUs] of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && fromUs - last.toUs < joinUs) last.toUs = Math.max(last.toUs, toUs);
    else joined.push({ fromUs, toUs });
  }
  return joined;
}

/** The window that begins at `us`, or where the next recording does; undefined when nothing follows. */
export function planWindow(
  stretches: readonly Stretch[],
  us: number,
  { longestUs, skipUs, cuts }: WindowRules,
): PlannedWindow | undefined {
  const next = union(stretches, skipUs).find(({ toUs }) => toUs - us >= LEAST_US);
  if (next === undefined) return undefined;
  const fromUs = next.fromUs - us >= skipUs ? next.fromUs : us;
  const cut = cuts.find((each) => each - fromUs >= LEAST_US) ?? Number.POSITIVE_INFINITY;
  return {
    fromUs,
    toUs: Math.min(next.toUs, fromUs + longestUs, cut),
    skippedUs: fromUs - us,
  };
}

/** Whether a device has anything in a window. */
export function has(stretches: readonly Stretch[], { fromUs, toUs }: Span): boolean {
  return stretches.some(([start, end]) => start < toUs - LEAST_US && end > fromUs + LEAST_US);
}

/** Whether some of a window must be fetched from the bucket. */
export function isFar(stretches: readonly Stretch[], { fromUs, toUs }: Span): boolean {
  return stretches.some(([start, end, where]) => where === "remote" && start < toUs && end > fromUs);
}

/** Where recording stands, if it still goes on; undefined when it does not. */
export function edgeOf(stretches: readonly Stretch[]): number | undefined {
  const edges = stretches.filter(([, , where]) => where === "recording").map(([, end]) => end);
  return edges.length === 0 ? undefined : Math.max(...edges);
}

export interface FormatOfSegment {
  readonly startUs: number;
  readonly sampleRate: number;
  readonly channels: number;
  readonly bitsPerSample: number;
}

/** Times at which the format is another than before, of segments in order. */
export function formatChanges(segments: readonly FormatOfSegment[]): number[] {
  return segments
    .filter((segment, i) => i > 0 && formatText(segment) !== formatText(segments[i - 1]))
    .map(({ startUs }) => startUs);
}

function formatText({ sampleRate, channels, bitsPerSample }: FormatOfSegment): string {
  return `${sampleRate} ${channels} ${bitsPerSample}`;
}
