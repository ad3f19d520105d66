import { markdownTable } from "../harness/table.mjs";

/** @typedef {import("./soak.mjs").Soak} Soak */

const INTERVALS = 6;
// A process keeps what its heap once needed; a leak goes on growing.
const GROWTH_FACTOR = 1.5;
const GROWTH_BYTES = 50e6;
// Timers of Node itself may hold one now and then.
const SPARE_HANDLES = 5;

/**
 * What must hold, and whether it did.
 * @param {Soak} soak
 * @returns {{ what: string, holds: boolean }[]}
 */
export function verdicts({ samples, faults, idle, atRest, exitCode, tallies }) {
  const half = samples.length >> 1;
  const most = (/** @type {typeof samples} */ some) => Math.max(0, ...some.map(({ memory }) => memory));
  const [first, second] = [most(samples.slice(0, half)), most(samples.slice(half))];
  const lives = [...tallies.values()].reduce((sum, tally) => sum + tally.lives, 0);
  return [
    ...faults.map((what) => ({ what, holds: false })),
    { what: `${lives} streams were held against what they sent`, holds: lives > 0 },
    {
      what: `memory: at most ${megabytes(first)} MB in the first half, ${megabytes(second)} MB in the second`,
      holds: second <= GROWTH_FACTOR * first + GROWTH_BYTES,
    },
    {
      what: `file handles: ${idle?.handles} before, ${atRest?.handles} after the last stream`,
      holds: (atRest?.handles ?? Infinity) <= (idle?.handles ?? 0) + SPARE_HANDLES,
    },
    { what: `exit code ${exitCode} after SIGTERM`, holds: exitCode === 0 },
  ];
}

/**
 * The soak as markdown.
 * @param {Soak} soak
 */
export function report(soak) {
  const checks = verdicts(soak).map(({ what, holds }) => `- ${holds ? "held" : "**FAILED**"}: ${what}`);
  const { kills, refused } = soak;
  return `${streamsTable(soak)}\n\n${courseTable(soak)}\n\nThe receiver was killed ${kills} times; ${refused} connections found it away.\n\n${checks.join("\n")}\n`;
}

/** @param {Soak} soak */
function streamsTable({ tallies }) {
  const rows = [...tallies]
    .sort(([a], [b]) => a.localeCompare(b, "en"))
    .map(([kind, { lives, seconds, bytes, silentBytes, faults }]) => [
      kind,
      lives,
      seconds / 60,
      bytes / 1e6,
      silentBytes / 1e6,
      faults,
    ]);
  const sums = [1, 2, 3, 4, 5].map((column) => rows.reduce((sum, row) => sum + Number(row[column]), 0));
  const head = ["streams", "connections", "minutes of audio", "MB compared", "MB of silence", "with a fault"];
  return markdownTable(head, [...rows.map((row) => [String(row[0]), ...row.slice(1)]), ["in all", ...sums]]);
}

/** @param {Soak} soak */
function courseTable({ samples, delays }) {
  const endMs = samples.at(-1)?.atMs ?? 0;
  const rows = Array.from({ length: INTERVALS }, (_, i) => {
    const inside = (/** @type {{ atMs: number }} */ { atMs }) =>
      atMs > (endMs * i) / INTERVALS && atMs <= (endMs * (i + 1)) / INTERVALS;
    const some = samples.filter(inside);
    const late = delays.filter(inside);
    const most = (/** @type {number[]} */ values) => Math.max(...values);
    return [
      `${Math.round((endMs * (i + 1)) / INTERVALS / 1000)} s`,
      most(some.map(({ streams }) => streams)),
      most(some.map(({ memory }) => memory)) / 1e6,
      most(some.map(({ handles }) => handles)),
      most(late.map(({ p99 }) => p99)),
      most(late.map(({ max }) => max)),
    ];
  });
  return markdownTable(["until", "streams", "memory, MB", "file handles", "loop delay p99, ms", "max"], rows);
}

/** @param {number} bytes */
function megabytes(bytes) {
  return Math.round(bytes / 1e6);
}
