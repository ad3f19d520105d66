import { runFlatOut, runInRealTime } from "../harness/runs.mjs";
import { FRAME_BYTES, FRAME_MS } from "../load/frames.mjs";
import { acknowledgingReceiver, receiver } from "../peers.mjs";
import { comparePeers } from "./compare.mjs";
import { latePercent, paceDoubt } from "./pace.mjs";
import { readMeters, streamHourSeconds } from "./stream-hours.mjs";

const LIVE_STREAMS = 500;
const REPLAYED_STREAMS = 20;
const peers = () => [receiver("ws"), acknowledgingReceiver()];
const yardstick = "audio-receiver";

/**
 * What it costs live senders' receiver to bring every frame to the disk, and to say so, within a second.
 * @param {import("./compare.mjs").SuiteOptions} options
 */
export function acknowledgedRealTime(options) {
  const seconds = options.seconds ?? (options.quick ? 15 : 45);
  const load = { streams: LIVE_STREAMS, seconds, ramp: options.quick ? 2 : 10 };
  return comparePeers({
    options,
    title: `Acknowledged streams: ${LIVE_STREAMS} live ones, ${FRAME_MS} ms ADPCM frames, steady for ${seconds} s`,
    goal: "far fewer syncs than streams, at little more CPU",
    peers: peers(),
    yardstick,
    run: (peer) => runInRealTime(peer, options.directory, load, readMeters),
    cost: streamHourSeconds,
    doubt: paceDoubt,
    columns: {
      "CPU s per stream-hour": streamHourSeconds,
      "RSS, MB": (run) => run.end.memory.now / 1e6,
      "acknowledgements per stream and second": (run) => run.acknowledgements / run.streams / run.seconds,
      "frames sent late, %": latePercent,
    },
  });
}

/**
 * The same for files that are replayed as fast as they are taken.
 * @param {import("./compare.mjs").SuiteOptions} options
 */
export function acknowledgedFlatOut(options) {
  const frames = options.quick ? 400_000 : 2_000_000;
  return comparePeers({
    options,
    title: `Acknowledged streams: ${REPLAYED_STREAMS} flat out, ${FRAME_BYTES}-byte ADPCM frames, ${frames / 1e6} million in all`,
    goal: "little more CPU per frame",
    peers: peers(),
    yardstick,
    run: (peer) => runFlatOut(peer, options.directory, "ws", { streams: REPLAYED_STREAMS, frames }),
    cost: (run) => (run.cpu / run.frames) * 1e6,
    columns: {
      "CPU s per million frames": (run) => (run.cpu / run.frames) * 1e6,
      "frames/s": (run) => run.frames / run.seconds,
      acknowledgements: (run) => run.acknowledgements,
    },
  });
}
