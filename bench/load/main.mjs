// The load: many devices in one process. Prints one JSON object per line: {"phase": "connected"}, in real time
// {"phase": "steady"} and {"phase": "sent"}, and when the sink has hung up on all, {"phase": "closed", …}.
//
//   node main.mjs --url ws://127.0.0.1:5096/ws --streams 1000 --seconds 45 [--ramp 10] [--pings] [--ack]    real time
//   node main.mjs --url ws://127.0.0.1:5096/ws --streams 20 --frames 2000000 [--ack]                        flat out
//   node main.mjs --url tcp://127.0.0.1:9000 --streams 1 --bytes 2000000000                         flat out
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { sendInRealTime } from "./real-time.mjs";
import { TcpStream } from "./tcp-stream.mjs";
import { WebSocketStream } from "./websocket-stream.mjs";

const CONNECTS_AT_ONCE = 20;
/** After "sent", whoever measures reads the meters before a thousand closing streams spoil them. */
const METER_READING_MS = 200;

const { values: options } = parseArgs({
  options: {
    url: { type: "string", default: "" },
    streams: { type: "string", default: "1" },
    seconds: { type: "string" },
    ramp: { type: "string", default: "0" },
    frames: { type: "string", default: "0" },
    bytes: { type: "string", default: "0" },
    pings: { type: "boolean", default: false },
    ack: { type: "boolean", default: false },
  },
});
const count = Number(options.streams);

/**
 * @param {string} phase
 * @param {object} [details]
 */
function announce(phase, details) {
  process.stdout.write(`${JSON.stringify({ phase, ...details })}\n`);
}

/**
 * @template Stream
 * @param {(index: number) => Promise<Stream>} open
 */
async function openAll(open) {
  const streams = /** @type {Stream[]} */ ([]);
  while (streams.length < count) {
    const batch = Math.min(CONNECTS_AT_ONCE, count - streams.length);
    streams.push(...(await Promise.all(Array.from({ length: batch }, (_, i) => open(streams.length + i)))));
  }
  announce("connected");
  return streams;
}

/**
 * @param {readonly { close(): Promise<void>, dropped: boolean }[]} streams
 * @param {number} startedAt
 */
async function closeAll(streams, startedAt) {
  await Promise.all(streams.map((stream) => stream.close()));
  const dropped = streams.filter((stream) => stream.dropped).length;
  return { streams: streams.length, dropped, seconds: (performance.now() - startedAt) / 1000 };
}

async function loadWebSocket() {
  const streams = await openAll((index) => WebSocketStream.open(options.url, index, options.ack));
  const startedAt = performance.now();
  const pace =
    options.seconds === undefined
      ? await flatOut(streams)
      : await inRealTime(streams, Number(options.seconds));
  const end = await closeAll(streams, startedAt);
  const frames = streams.reduce((sum, stream) => sum + stream.frames, 0);
  const acknowledgements = streams.reduce((sum, stream) => sum + stream.acknowledgements, 0);
  announce("closed", {
    ...end,
    ...pace,
    frames,
    acknowledgements,
    answerMs: streams.flatMap((stream) => stream.answerMs),
  });
}

/** @param {WebSocketStream[]} streams */
async function flatOut(streams) {
  await Promise.all(streams.map((stream) => stream.sendFrames(Math.ceil(Number(options.frames) / count))));
  return {};
}

/**
 * @param {WebSocketStream[]} streams
 * @param {number} seconds
 */
async function inRealTime(streams, seconds) {
  const onSteady = () => announce("steady");
  const pace = { seconds, rampSeconds: Number(options.ramp), pings: options.pings, onSteady };
  const worst = await sendInRealTime(streams, pace);
  announce("sent");
  await sleep(METER_READING_MS);
  return worst;
}

async function loadTcp() {
  const streams = await openAll(() => TcpStream.open(options.url.slice("tcp://".length)));
  const startedAt = performance.now();
  await Promise.all(streams.map((stream) => stream.sendBytes(Number(options.bytes) / count)));
  const end = await closeAll(streams, startedAt);
  announce("closed", { ...end, bytes: streams.reduce((sum, stream) => sum + stream.bytes, 0) });
}

await (options.url.startsWith("tcp://") ? loadTcp() : loadWebSocket());
process.stdout.end(() => process.exit()); // only when the pipe has taken all of a long result
