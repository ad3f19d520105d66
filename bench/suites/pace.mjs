const MAX_LATE_PERCENT = 1;

/**
 * Share of the frames that the load itself sent more than a frame period late, in percent.
 * @param {import("../harness/load.mjs").LoadResult} run
 */
export function latePercent({ lateFrames, frames }) {
  return (100 * lateFrames) / frames;
}

/**
 * A sentence where the load could not keep real time in one of the runs, else nothing.
 * @param {readonly import("../harness/load.mjs").LoadResult[]} runs
 */
export function paceDoubt(runs) {
  const worst = Math.max(...runs.map(latePercent));
  if (worst <= MAX_LATE_PERCENT) return "";
  return (
    `**The machine was too busy**: the load sent up to ${worst.toPrecision(2)} % of a run's frames late. ` +
    "Late frames come in bulk: everything seems slow to answer and cheap."
  );
}
