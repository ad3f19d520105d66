import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const LOAD_PROGRAM = fileURLToPath(new URL("../load/main.mjs", import.meta.url));

const NOTHING_SENT = {
  frames: 0,
  bytes: 0,
  acknowledgements: 0,
  lateFrames: 0,
  maxUnsentFrames: 0,
  answerMs: [],
};

/**
 * What the load reports at its end.
 * @typedef {object} LoadResult
 * @property {number} streams
 * @property {number} dropped connections that the sink ended
 * @property {number} seconds from the first frame until the sink had hung up on all
 * @property {number} frames sent over WebSocket
 * @property {number} bytes sent over TCP
 * @property {number} acknowledgements received, over all streams
 * @property {number} lateFrames frames that the load itself sent more than 20 ms after their time (real time)
 * @property {number} maxUnsentFrames frames that the slowest connection was behind, at worst (real time)
 * @property {number[]} answerMs from sending a frame to the pong of the ping behind it, one per ping
 */

/**
 * Runs the load generator in a process of its own.
 * @param {Record<string, string | number | boolean>} options of load/main.mjs; `true` is a flag
 * @param {(phase: string) => void} [onPhase] "connected", "steady", "sent"
 * @returns {Promise<LoadResult>}
 */
export async function runLoad(options, onPhase) {
  const args = Object.entries(options).flatMap(([name, value]) =>
    value === true ? [`--${name}`] : [`--${name}`, String(value)],
  );
  const child = spawn(process.execPath, [LOAD_PROGRAM, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  /** @type {LoadResult | undefined} */
  let result;
  for await (const line of createInterface({ input: child.stdout })) {
    const { phase, ...details } = JSON.parse(line);
    if (phase === "closed") result = { ...NOTHING_SENT, ...details };
    else onPhase?.(phase);
  }
  const code = await exited;
  if (code !== 0 || !result) throw new Error(`the load generator ended with ${code}`);
  if (result.dropped > 0)
    throw new Error(`the sink dropped ${result.dropped} of ${result.streams} connections`);
  return result;
}
