import { runInRealTime } from "../harness/runs.mjs";
import { markdownTable } from "../harness/table.mjs";
import { residentMemory } from "../harness/usage.mjs";
import { receiver } from "../peers.mjs";

const STREAMS = 1000;
const RAMP_SECONDS = 10;
const SAMPLES = 8;

/**
 * Resident memory of the receiver while 1000 devices stream, and whether it grows.
 * @param {import("./compare.mjs").SuiteOptions} options
 */
export async function memory(options) {
  const seconds = options.seconds ?? (options.quick ? 20 : 120);
  const started = performance.now();
  /** @type {{ at: number, memory: { now: number, peak: number } }[]} */
  const samples = [];
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const load = { streams: STREAMS, seconds, ramp: options.quick ? 2 : RAMP_SECONDS };
  try {
    await runInRealTime(receiver("ws"), options.directory, load, ({ pid }, end) => {
      const sample = () =>
        samples.push({ at: (performance.now() - started) / 1000, memory: residentMemory(pid) });
      sample();
      if (end === "start") timer = setInterval(sample, (seconds / SAMPLES) * 1000);
      else clearInterval(timer);
    });
  } finally {
    clearInterval(timer);
  }
  return describe(samples);
}

/** @param {readonly { at: number, memory: { now: number, peak: number } }[]} samples */
function describe(samples) {
  const first = samples[0].at;
  const rows = samples.map(({ at, memory: { now, peak } }) => [
    `${Math.round(at - first)} s`,
    now / 1e6,
    now / STREAMS / 1000,
    peak / 1e6,
  ]);
  const table = markdownTable(["steady for", "RSS, MB", "RSS per stream, kB", "peak RSS, MB"], rows);
  const title = `### Memory: ${STREAMS} WebSocket streams in real time`;
  return (
    `${title}\n\n${table}\n\nGrowth: ${growth(samples).toPrecision(3)} kB per stream and hour (least squares). ` +
    "Goal: at most 150 kB per stream, flat. RSS is the whole process's, Node itself included.\n"
  );
}

/**
 * Slope of the resident memory, kB per stream and hour.
 * @param {readonly { at: number, memory: { now: number } }[]} samples
 */
function growth(samples) {
  const mean = (/** @type {number[]} */ values) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanAt = mean(samples.map(({ at }) => at));
  const meanBytes = mean(samples.map(({ memory }) => memory.now));
  const covariance = mean(samples.map(({ at, memory }) => (at - meanAt) * (memory.now - meanBytes)));
  const variance = mean(samples.map(({ at }) => (at - meanAt) ** 2));
  return ((covariance / variance) * 3600) / STREAMS / 1000;
}
