import { setTimeout as sleep } from "node:timers/promises";
import { FRAME_MS, WIRE_FRAME_BYTES } from "./frames.mjs";

/** Prime, so that pings meet every phase of a receiver's naps. 1.06 s at 20 ms frames. */
const FRAMES_PER_PING = 53;

/**
 * Sends one frame per stream and frame period. The streams' frame times lie evenly in the period; the streams
 * start one after the other over `rampSeconds`, so that their segments rotate at different times.
 * @param {readonly import("./websocket-stream.mjs").WebSocketStream[]} streams
 * @param {{ seconds: number, rampSeconds: number, pings: boolean, onSteady: () => void }} options
 * @returns {Promise<{ lateFrames: number, maxUnsentFrames: number }>} frames that this program sent more than a frame
 *   period after their time, and how many frames the slowest connection was behind
 */
export async function sendInRealTime(streams, { seconds, rampSeconds, pings, onSteady }) {
  const slotMs = FRAME_MS / streams.length;
  const rampPeriods = (rampSeconds * 1000) / FRAME_MS;
  const startPeriod = streams.map((_, index) => Math.floor((rampPeriods * index) / streams.length));
  const worst = { lateFrames: 0, maxUnsentFrames: 0 };
  const startedAt = performance.now();
  const endMs = (rampSeconds + seconds) * 1000;
  let steady = false;
  for (let slot = 0; ; ) {
    const elapsed = performance.now() - startedAt;
    if (elapsed >= endMs) return worst;
    if (!steady && elapsed >= rampSeconds * 1000) {
      steady = true;
      onSteady();
    }
    worst.lateFrames += Math.max(0, Math.floor((elapsed - slot * slotMs - FRAME_MS) / slotMs));
    for (; slot * slotMs <= elapsed; slot++) {
      const index = slot % streams.length;
      const stream = streams[index];
      if (Math.floor(slot / streams.length) < startPeriod[index] || stream.dropped) continue;
      if (pings && stream.frames % FRAMES_PER_PING === index % FRAMES_PER_PING) stream.sendFrameAndPing();
      else stream.sendFrame();
      worst.maxUnsentFrames = Math.max(worst.maxUnsentFrames, stream.unsentBytes / WIRE_FRAME_BYTES);
    }
    await sleep(1);
  }
}
