// Reads a .bin (the frames as a device sent them) and writes what they hold as WAV, in constant memory.
//
//   node examples/read-bin.mjs FILE.bin OUT.wav
//
// `audio-receiver convert` does the same with everything that this leaves out: lost frames, both nibble orders.
import { closeSync, createReadStream, openSync, readSync, writeSync } from "node:fs";
import { decodeBlock } from "@audio/ima-adpcm";
import {
  FRAME_HEADER_BYTES,
  FrameSplitter,
  HANDSHAKE_BYTES,
  parseHandshake,
  startsHandshake,
} from "@audio/protocol";
import { formatWavHeader, WAV_HEADER_BYTES } from "@audio/wav";

// A .bin holds frames and nothing else, unless the receiver was told to put the handshake first
// (binHandshake: true). Without it somebody must know what the device sends.
const USUAL_DEVICE = { codec: "ima-adpcm", sampleRate: 16_000, channels: 1, frameSamples: 320 };

const [input, output] = process.argv.slice(2);
if (output === undefined) {
  console.error("usage: node examples/read-bin.mjs FILE.bin OUT.wav");
  process.exit(2);
}

/** What the file's frames hold, and where they begin. */
function readFormat(path) {
  const start = new Uint8Array(HANDSHAKE_BYTES);
  const file = openSync(path, "r");
  readSync(file, start);
  closeSync(file);
  return startsHandshake(start)
    ? { format: parseHandshake(start), firstFrame: HANDSHAKE_BYTES }
    : { format: USUAL_DEVICE, firstFrame: 0 };
}

const { format, firstFrame } = readFormat(input);
const { codec, sampleRate, channels, frameSamples } = format;
const wav = openSync(output, "wx"); // never over a file that is there
let dataBytes = 0;

function append(bytes) {
  writeSync(wav, bytes, 0, bytes.length, WAV_HEADER_BYTES + dataBytes);
  dataBytes += bytes.length;
}

// The frame message stands in bytes[start, end): 12 bytes of header, then PCM, or an ADPCM block.
const samples = new Int16Array(frameSamples * channels);
function onFrame(bytes, start, end) {
  const payload = start + FRAME_HEADER_BYTES;
  if (codec === "pcm16") return append(bytes.subarray(payload, end));
  const decoded = decodeBlock(bytes, payload, end, channels, "low", samples, 0, frameSamples);
  append(new Uint8Array(samples.buffer, 0, decoded * channels * 2));
}

// The splitter finds the frames wherever the pieces are cut, and checks each: a bad one throws a ProtocolError.
const splitter = new FrameSplitter(format);
for await (const piece of createReadStream(input, { start: firstFrame })) splitter.push(piece, onFrame);

writeSync(
  wav,
  formatWavHeader({ sampleRate, channels, bitsPerSample: 16 }, dataBytes),
  0,
  WAV_HEADER_BYTES,
  0,
);
closeSync(wav);

const seconds = dataBytes / 2 / channels / sampleRate;
console.log(`${splitter.frames} frames, ${seconds} s of ${codec} at ${sampleRate} Hz: ${output}`);
if (splitter.bufferedBytes > 0) console.log(`${splitter.bufferedBytes} bytes at the end are no whole frame`);
