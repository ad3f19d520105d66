import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { interleave } from "../harness/rounds.mjs";
import { runInRealTime } from "../harness/runs.mjs";
import { markdownTable, median, percentile } from "../harness/table.mjs";
import { receiver, wsSink } from "../peers.mjs";
import { wantedOf } from "./compare.mjs";
import { paceDoubt } from "./pace.mjs";

/** @typedef {import("../harness/peer.mjs").RunningPeer} RunningPeer */
/** @typedef {{ p50: number, p99: number, max: number }} Figures */

const STREAMS = 500;
const RAMP_SECONDS = 10;
const PROBE = fileURLToPath(new URL("../harness/event-loop-delay.mjs", import.meta.url));

/**
 * How long the receiver keeps others waiting: its event loop's delay, and the time from sending a frame until
 * the receiver has taken it (seen by the pong of a ping sent in the same write, right behind the frame).
 * @param {import("./compare.mjs").SuiteOptions} options
 */
export async function delay(options) {
  const seconds = options.seconds ?? (options.quick ? 12 : 30);
  const file = path.join(options.directory, "event-loop-delay.json");
  const probe = ["--import", PROBE];
  const contenders = [
    { name: "audio-receiver", peer: receiver("ws", probe), ramp: RAMP_SECONDS },
    // Every segment of every stream then rotates in the same 20 ms: the worst that can happen.
    { name: "audio-receiver, all streams started at once", peer: receiver("ws", probe), ramp: 0 },
    { name: "bare ws, batched writes", peer: wsSink("batch", probe), ramp: RAMP_SECONDS },
  ];
  const results = await interleave(wantedOf(contenders, options), options.rounds, async ({ peer, ramp }) => {
    const probed = { ...peer, env: { EVENT_LOOP_DELAY_FILE: file } };
    const load = { streams: STREAMS, seconds, ramp, pings: true };
    const run = await runInRealTime(probed, options.directory, load, (running) => takeFigures(running, file));
    return { ...run, loop: run.end, answer: figuresOf(run.answerMs) };
  });
  return describe(results);
}

/**
 * The event loop's delay since the last call.
 * @param {RunningPeer} running
 * @param {string} file
 * @returns {Promise<Figures>}
 */
async function takeFigures(running, file) {
  rmSync(file, { force: true });
  process.kill(running.pid, "SIGUSR2");
  for (const end = Date.now() + 5000; !existsSync(file); await sleep(5)) {
    if (Date.now() > end) throw new Error("the event-loop probe did not answer within 5 s");
  }
  return JSON.parse(readFileSync(file, "utf8"));
}

/**
 * @param {readonly number[]} values
 * @returns {Figures}
 */
function figuresOf(values) {
  return { p50: percentile(values, 0.5), p99: percentile(values, 0.99), max: percentile(values, 1) };
}

/** @param {Map<{ name: string }, (import("../harness/runs.mjs").Run & { loop: Figures, answer: Figures })[]>} results */
function describe(results) {
  const head = ["", "loop delay p50, ms", "p99", "max", "frame taken after p50, ms", "p99", "max"];
  const rows = [...results].map(([{ name }, runs]) => {
    const of = (/** @type {"loop" | "answer"} */ what) =>
      /** @type {const} */ (["p50", "p99", "max"]).map((figure) =>
        median(runs.map((run) => run[what][figure])),
      );
    return [name, ...of("loop"), ...of("answer")];
  });
  return (
    `### Delay: ${STREAMS} WebSocket streams of 20 ms frames in real time\n\n${markdownTable(head, rows)}\n\n` +
    "Goals: event-loop delay p99 under 20 ms; a frame taken within 250 ms. " +
    `${paceDoubt([...results.values()].flat())}\n`
  );
}
