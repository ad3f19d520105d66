import { runInRealTime } from "../harness/runs.mjs";
import { FRAME_BYTES, FRAME_MS } from "../load/frames.mjs";
import { nativeSink, receiver, wsSink } from "../peers.mjs";
import { comparePeers } from "./compare.mjs";
import { latePercent, paceDoubt } from "./pace.mjs";
import { readMeters, streamHourSeconds } from "./stream-hours.mjs";

const STREAMS = 1000;
/** One segment, so that rotations spread over time as those of independent devices do. */
const RAMP_SECONDS = 10;

/**
 * Live devices over WebSocket: nearly all cost is being woken, not bytes.
 * @param {import("./compare.mjs").SuiteOptions} options
 */
export function websocketRealTime(options) {
  const seconds = options.seconds ?? (options.quick ? 15 : 45);
  const load = { streams: STREAMS, seconds, ramp: options.quick ? 2 : RAMP_SECONDS };
  return comparePeers({
    options,
    title: `WebSocket in real time: ${STREAMS} streams of ${FRAME_MS} ms ADPCM frames, steady for ${seconds} s`,
    goal: "no more CPU per stream-hour than the C epoll sink",
    peers: [receiver("ws"), wsSink("batch"), wsSink("naive"), nativeSink(options.directory)],
    yardstick: "C epoll, wakes for each frame",
    run: (peer) => runInRealTime(peer, options.directory, load, readMeters),
    cost: streamHourSeconds,
    doubt: paceDoubt,
    columns: {
      "CPU s per stream-hour": streamHourSeconds,
      "RSS, MB": (run) => run.end.memory.now / 1e6,
      ".bin bytes on disk / sent": (run) => run.recorded[".bin"] / (run.frames * FRAME_BYTES),
      "frames sent late, %": latePercent,
    },
  });
}
