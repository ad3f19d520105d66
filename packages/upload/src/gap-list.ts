/** Audio that is missing from a segment, as an object's metadata tells it. */
export interface ListedGap {
  /** UTC, microseconds since the epoch: where the first missing sample frame belongs. */
  readonly startUs: number;
  /** Sample frames. */
  readonly samples: number;
  readonly cause: string;
  /** true: the file holds silence of this length in its place. */
  readonly filled: boolean;
}

// The metadata of an object is limited, and this shares it with paths and names.
const LONGEST = 1000;
const GAP = /^(-?\d{1,16})\.(\d{1,15})\.([a-z-]{1,32})(\.f)?$/;

/**
 * Gaps in as few characters as headers take without escapes: `15000.320.lost-frames.f~…`, from `originUs` on. As many of
 * the first as there is room for.
 */
export function formatGaps(gaps: readonly ListedGap[], originUs: number): string | undefined {
  let text = "";
  for (const { startUs, samples, cause, filled } of gaps) {
    const one = `${text === "" ? "" : "~"}${startUs - originUs}.${samples}.${cause}${filled ? ".f" : ""}`;
    if (text.length + one.length > LONGEST) break;
    text += one;
  }
  return text === "" ? undefined : text;
}

/** What `formatGaps` wrote; what is none of it is left out. */
export function parseGaps(text: string | undefined, originUs: number): ListedGap[] {
  return (text ?? "").split("~").flatMap((one) => {
    const [, offsetUs, samples, cause, filled] = GAP.exec(one) ?? [];
    if (cause === undefined) return [];
    return [
      { startUs: originUs + Number(offsetUs), samples: Number(samples), cause, filled: filled !== undefined },
    ];
  });
}
