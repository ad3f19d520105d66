import { streamAudio } from "@audio/streamer";
import { soundOf } from "./sound.mjs";

/** @typedef {import("./lives.mjs").Life} Life */

// A receiver that was killed is back within seconds, on a busy machine a little later.
const CONNECT_SECONDS = 60;

/**
 * Sends so many pieces with the client of the product, which keeps what is not acknowledged and goes on where the
 * receiver says; returns when all of it is on the receiver's disk.
 * @param {Life} life
 * @param {string} url
 * @param {{ pieces: number, realtime: boolean }} how
 */
export async function streamAcknowledged(life, url, { pieces, realtime }) {
  const { codec } = life.format;
  await streamAudio({
    source: async () => sourceOf(life, pieces),
    url,
    hwid: `soak-${life.id}`,
    streamIdBase: life.id,
    codec: codec === "pcm16" ? "pcm" : "adpcm",
    frameMs: 20,
    realtime,
    connectTimeoutSeconds: CONNECT_SECONDS,
  });
}

/**
 * @param {Life} life
 * @param {number} pieces
 * @returns {import("@audio/streamer").PcmSource}
 */
function sourceOf({ id, format }, pieces) {
  const { sampleRate, channels, frameSamples } = format;
  let read = 0;
  return {
    name: `stream ${id}`,
    sampleRate,
    channels,
    sampleFrames: pieces * frameSamples,
    read: async () => (read < pieces ? soundOf(id, format, read++) : undefined),
    close: async () => undefined,
  };
}
