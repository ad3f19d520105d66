import { cpuSeconds, residentMemory } from "../harness/usage.mjs";

/** @typedef {{ at: number, cpu: number, memory: ReturnType<typeof residentMemory> }} Reading seconds, CPU seconds */

/**
 * What a peer has used so far.
 * @param {import("../harness/peer.mjs").RunningPeer} peer
 * @returns {Reading}
 */
export function readMeters({ pid }) {
  return { at: performance.now() / 1000, cpu: cpuSeconds(pid), memory: residentMemory(pid) };
}

/**
 * CPU seconds for an hour of one stream.
 * @param {import("../harness/runs.mjs").RealTimeRun<Reading>} run
 */
export function streamHourSeconds({ streams, start, end }) {
  return ((end.cpu - start.cpu) / (end.at - start.at) / streams) * 3600;
}
