// Embeds a receiver in a Node program and reacts to what it records.
//
//   node examples/embed-receiver.mjs [DATA_DIR]
//
// The program is its own device, so that there is something to record. In yours, leave that part out.
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { startReceiver } from "@audio/receiver";
import { streamAudio } from "@audio/streamer";

const [dataDir = "recordings"] = process.argv.slice(2);

// Every setting of docs/configuration.md is an option here, under its name in the configuration file.
const receiver = await startReceiver({
  dataDir,
  host: "127.0.0.1",
  wsPort: 0, // any free port; receiver.ports.ws says which
  tcp: false,
  web: false,
  wsSegmentSeconds: 3,
  binHandshake: true, // so that a .bin says what it holds: read-bin.mjs reads it
});

receiver.events.on("stream:open", ({ stream, codec }) => {
  console.log(`${stream.device} sends ${codec}, ${stream.sampleRate} Hz, ${stream.channels} channel(s)`);
});

// A segment that is complete is a finished file: synced, under its final name, never touched again.
receiver.events.on("segment:complete", ({ stream, path, startUs, samples, levels }) => {
  const seconds = samples / stream.sampleRate;
  const start = new Date(startUs / 1000).toISOString();
  console.log(`\n${relative(dataDir, path)}: ${seconds.toFixed(2)} s from ${start}`);
  for (const rms of levels.rmsDbfs) console.log(`  ${bar(rms)} ${rms.toFixed(1)} dBFS`); // second by second
});

// Audio that is missing is said to be missing, with its place and its cause.
receiver.events.on("gap", ({ stream, samples, cause }) => {
  console.log(`${stream.device}: ${samples / stream.sampleRate} s missing (${cause})`);
});

/** One mark for 3 dB above −60 dBFS, 20 in all. */
function bar(dbfs) {
  const marks = Math.max(0, Math.round((dbfs + 60) / 3));
  return "#".repeat(marks).padEnd(20, ".");
}

// The device: ten seconds of speech, as fast as the receiver takes them.
await streamAudio({
  files: [fileURLToPath(new URL("data/speech.wav", import.meta.url))],
  url: `ws://127.0.0.1:${receiver.ports.ws}/ws`,
  hwid: "kitchen",
});

// Resolves when every segment is complete, so all events have come by then.
await receiver.close();
