/** Where a stretch of recordings is: being recorded, in files here, or only in the bucket. */
export type Place = "recording" | "local" | "remote";

/** Time in which something was recorded: start and end, UTC in microseconds since the epoch. */
export type Stretch = readonly [startUs: number, endUs: number, place: Place];

// What stands first is shown where two lie at the same time.
const PLACES: readonly Place[] = ["recording", "local", "remote"];

/**
 * Puts stretches into one row, to be drawn: those of one place that overlap, or follow one another within the
 * tolerance, are one; where several places have the same time, recording shows before local before remote.
 *
 * @returns in order, none reaching into another
 */
export function mergeStretches(stretches: readonly Stretch[], toleranceUs: number): Stretch[] {
  const row: Stretch[] = [];
  for (const place of PLACES) {
    const own = joined(
      stretches.filter((stretch) => stretch[2] === place),
      toleranceUs,
    );
    row.push(...without(own, row));
    row.sort((a, b) => a[0] - b[0]);
  }
  return row;
}

/** The same, joined over ever longer holes until there are no more than `most`: for pictures too small for all. */
export function coarseStretches(stretches: readonly Stretch[], toleranceUs: number, most: number): Stretch[] {
  let row = mergeStretches(stretches, toleranceUs);
  const places = new Set(row.map(([, , place]) => place)).size;
  for (let holeUs = toleranceUs; row.length > Math.max(most, places) && holeUs < LONGEST_HOLE_US; ) {
    holeUs = Math.max(1, holeUs * 2);
    row = mergeStretches(row, holeUs);
  }
  return row.slice(0, most);
}

// Longer than any range that is drawn.
const LONGEST_HOLE_US = 1000 * 86_400_000_000;

function joined(stretches: readonly Stretch[], toleranceUs: number): Stretch[] {
  const row: Stretch[] = [];
  for (const [startUs, endUs, place] of [...stretches].sort((a, b) => a[0] - b[0])) {
    const last = row.at(-1);
    if (endUs <= startUs) continue;
    if (last === undefined || startUs > last[1] + toleranceUs) row.push([startUs, endUs, place]);
    else row[row.length - 1] = [last[0], Math.max(last[1], endUs), place];
  }
  return row;
}

// Both in order, none of either reaching into another of the same.
function without(stretches: readonly Stretch[], taken: readonly Stretch[]): Stretch[] {
  const left: Stretch[] = [];
  let at = 0;
  for (const [startUs, endUs, place] of stretches) {
    let fromUs = startUs;
    while (at < taken.length && taken[at][1] <= fromUs) at++;
    for (let i = at; i < taken.length && taken[i][0] < endUs; i++) {
      if (taken[i][0] > fromUs) left.push([fromUs, taken[i][0], place]);
      fromUs = Math.max(fromUs, taken[i][1]);
    }
    if (fromUs < endUs) left.push([fromUs, endUs, place]);
  }
  return left;
}
