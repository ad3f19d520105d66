import { runLoad } from "./load.mjs";
import { startPeer } from "./peer.mjs";
import { cpuSeconds } from "./usage.mjs";

/** After the last stream has started: sizes have settled and hot code is compiled. */
const WARM_UP_MS = 1500;

/** @typedef {import("./peer.mjs").Peer} Peer */
/** @typedef {import("./peer.mjs").RunningPeer} RunningPeer */
/** @typedef {import("./load.mjs").LoadResult & { recorded: Record<string, number> }} Run bytes on disk by suffix */
/** @typedef {Run & { cpu: number }} FlatOutRun */
/**
 * @template Reading
 * @typedef {Run & { start: Reading, end: Reading }} RealTimeRun
 */

/**
 * Sends a fixed amount as fast as the peer takes it.
 * @param {Peer} peer
 * @param {string} base folder for the recordings
 * @param {"ws" | "tcp"} transport
 * @param {Record<string, number>} load
 * @returns {Promise<FlatOutRun>}
 */
export async function runFlatOut(peer, base, transport, load) {
  const running = await startPeer(peer, base);
  try {
    const before = cpuSeconds(running.pid);
    const result = await runLoad({ url: running[transport], ...load, ...peer.load });
    await running.settle();
    const cpu = cpuSeconds(running.pid) - before;
    return { ...result, cpu, recorded: await running.stop() };
  } finally {
    await running.stop();
  }
}

/**
 * Streams in real time, and lets `meter` look at the peer at both ends of the steady time: all streams are up,
 * none is closing.
 * @template Reading
 * @param {Peer} peer
 * @param {string} base folder for the recordings
 * @param {Record<string, number | boolean>} load
 * @param {(running: RunningPeer, end: "start" | "end") => Reading | Promise<Reading>} meter
 * @returns {Promise<RealTimeRun<Reading>>}
 */
export async function runInRealTime(peer, base, load, meter) {
  const running = await startPeer(peer, base);
  /** @type {Promise<Reading>[]} */
  const readings = [];
  const read = async (/** @type {"start" | "end"} */ end) => meter(running, end);
  try {
    const result = await runLoad({ url: running.ws, ...load, ...peer.load }, (phase) => {
      if (phase === "steady") setTimeout(() => readings.push(read("start")), WARM_UP_MS);
      if (phase === "sent") readings.push(read("end"));
    });
    const [start, end] = await Promise.all(readings);
    await running.settle();
    return { ...result, start, end, recorded: await running.stop() };
  } finally {
    await running.stop();
  }
}
