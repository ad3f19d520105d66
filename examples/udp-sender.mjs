// Sends a WAV as PCM over UDP, the way a small device would: 20 ms in each datagram, at the pace of the audio.
//
//   npx audio-receiver serve --udp-port 9001
//   node examples/udp-sender.mjs FILE.wav [HOST:PORT]
//
// Nothing says on the wire what the samples are: the receiver's sampleRate and channels must be the file's
// (16 000 Hz, mono, unless it is told otherwise).
import { createSocket } from "node:dgram";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { formatDatagram } from "@audio/protocol";
import { parseWavHeader } from "@audio/wav";

const DATAGRAM_MS = 20;

const [path, target = "127.0.0.1:9001"] = process.argv.slice(2);
if (path === undefined) {
  console.error("usage: node examples/udp-sender.mjs FILE.wav [HOST:PORT]");
  process.exit(2);
}

const file = await readFile(path);
const { dataOffset, dataBytes, sampleRate, channels } = parseWavHeader(file);
const audio = file.subarray(dataOffset, dataOffset + dataBytes);
// 16 kHz mono: 320 samples, 652 bytes. Keep a datagram below 1400 bytes, or the network cuts it in pieces, and
// losing one of them loses all.
const datagramBytes = Math.round((sampleRate * DATAGRAM_MS) / 1000) * channels * 2;

const socket = createSocket("udp4");
const [host, port] = target.split(":");
const began = performance.now();
let sequence = 0;
for (let at = 0; at < audio.length; at += datagramBytes) {
  const header = {
    sequence,
    timestampMs: sequence * DATAGRAM_MS, // a device has its uptime: any clock that only goes up
    start: sequence === 0,
    end: at + datagramBytes >= audio.length,
  };
  socket.send(formatDatagram(header, audio.subarray(at, at + datagramBytes)), Number(port), host);
  sequence++;
  await sleep(began + sequence * DATAGRAM_MS - performance.now());
}
socket.close();
console.log(`${sequence} datagrams, ${((sequence * DATAGRAM_MS) / 1000).toFixed(2)} s of audio to ${target}`);
