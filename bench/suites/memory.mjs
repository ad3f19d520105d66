import { runInRealTime } from "../harness/runs.mjs";
import { markdownTable } from "../harness/table.mjs";
import { residentMemory } from "../harness/usage.mjs";
import { receiver } from "../peers.mjs";

/** @typedef {{ at: number, now: number, peak: number, idle: number }} Sample seconds, bytes */

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
  /** @type {Sample[]} */
  const samples = [];
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const load = { streams: STREAMS, seconds, ramp: options.quick ? 2 : RAMP_SECONDS };
  try {
    await runInRealTime(receiver("ws"), options.directory, load, ({ pid, idleMemory }, end) => {
      const at = () => (performance.now() - started) / 1000;
      const sample = () => samples.push({ at: at(), ...residentMemory(pid), idle: idleMemory });
      sample();
      if (end === "start") timer = setInterval(sample, (seconds / SAMPLES) * 1000);
      else clearInterval(timer);
    });
  } finally {
    clearInterval(timer);
  }
  return describe(samples);
}

/** @param {readonly Sample[]} samples */
function describe(samples) {
  const rows = samples.map(({ at, now, peak, idle }) => [
    `${Math.round(at - samples[0].at)} s`,
    now / 1e6,
    peak / 1e6,
    now / STREAMS / 1000,
    (now - idle) / STREAMS / 1000,
  ]);
  const head = ["steady for", "RSS, MB", "peak RSS, MB", "RSS per stream, kB", "above idle, per stream, kB"];
  const rate = growth(samples.slice(samples.length >> 1)).toPrecision(3);
  return (
    `### Memory: ${STREAMS} WebSocket streams in real time\n\n${markdownTable(head, rows)}\n\n` +
    `Growth in the second half: ${rate} kB per stream and hour (least squares). ` +
    "Goal: at most 150 kB per stream, flat.\n"
  );
}

/**
 * Slope of the resident memory, kB per stream and hour.
 * @param {readonly Sample[]} samples
 */
function growth(samples) {
  const mean = (/** @type {number[]} */ values) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanAt = mean(samples.map(({ at }) => at));
  const meanBytes = mean(samples.map(({ now }) => now));
  const covariance = mean(samples.map(({ at, now }) => (at - meanAt) * (now - meanBytes)));
  const variance = mean(samples.map(({ at }) => (at - meanAt) ** 2));
  return ((covariance / variance) * 3600) / STREAMS / 1000;
}
