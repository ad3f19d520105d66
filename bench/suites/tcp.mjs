import { runFlatOut } from "../harness/runs.mjs";
import { pythonSink, receiver, tcpSink } from "../peers.mjs";
import { comparePeers } from "./compare.mjs";

/**
 * Raw PCM over TCP, as fast as the receiver takes it: over one connection and over several.
 * @param {import("./compare.mjs").SuiteOptions} options
 */
export async function tcp(options) {
  const sections = [];
  for (const streams of [1, 8]) sections.push(await compareTcp(options, streams));
  return sections.join("\n");
}

/**
 * @param {import("./compare.mjs").SuiteOptions} options
 * @param {number} streams
 */
function compareTcp(options, streams) {
  const bytes = options.quick ? 5e8 : 2e9;
  const gigabyteSeconds = (/** @type {import("../harness/runs.mjs").FlatOutRun} */ run) =>
    (run.cpu / run.bytes) * 1e9;
  return comparePeers({
    options,
    title: `Raw PCM over TCP flat out: ${streams} connection${streams > 1 ? "s" : ""}, ${bytes / 1e9} GB in all`,
    goal: "less CPU per GB than a Python recorder of the field",
    peers: [receiver("tcp"), tcpSink(), pythonSink("valid"), pythonSink("bare")],
    yardstick: "Python, 200 ms reads, header kept valid",
    run: (peer) => runFlatOut(peer, options.directory, "tcp", { streams, bytes }),
    cost: gigabyteSeconds,
    columns: {
      "CPU s per GB": gigabyteSeconds,
      "MB/s": (run) => run.bytes / run.seconds / 1e6,
      "bytes on disk / sent": (run) => sum(Object.values(run.recorded)) / run.bytes,
    },
  });
}

/** @param {readonly number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
