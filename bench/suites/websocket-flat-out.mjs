import { runFlatOut } from "../harness/runs.mjs";
import { FRAME_BYTES } from "../load/frames.mjs";
import { nativeSink, receiver, wsSink } from "../peers.mjs";
import { comparePeers } from "./compare.mjs";

const STREAMS = 20;

/**
 * File replay over WebSocket: what a frame costs when the network never makes the receiver wait.
 * @param {import("./compare.mjs").SuiteOptions} options
 */
export function websocketFlatOut(options) {
  const frames = options.quick ? 400_000 : 2_000_000;
  return comparePeers({
    options,
    title: `WebSocket flat out: ${STREAMS} connections, ${FRAME_BYTES}-byte ADPCM frames, ${frames / 1e6} million in all`,
    goal: "at most 1.3 times the CPU per frame of the bare `ws` sink with batched writes",
    peers: [receiver("ws"), wsSink("batch"), wsSink("naive"), nativeSink(options.directory)],
    yardstick: "bare ws, batched writes",
    run: (peer) => runFlatOut(peer, options.directory, "ws", { streams: STREAMS, frames }),
    cost: (run) => (run.cpu / run.frames) * 1e6,
    columns: {
      "CPU s per million frames": (run) => (run.cpu / run.frames) * 1e6,
      "frames/s": (run) => run.frames / run.seconds,
      ".bin bytes on disk / sent": (run) => run.recorded[".bin"] / (run.frames * FRAME_BYTES),
    },
  });
}
