// Writes audio as WAV segments: cut by the sample, named by their start, with metadata behind the audio.
// Only pure packages and node:fs; the crash-safe way, with .part files, is inside the receiver.
//
//   node examples/segment-writer.mjs [FOLDER]
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { LevelMeter } from "@audio/levels";
import { compileTemplate, segmentSampleFrames, TimeZone } from "@audio/segments";
import { formatMetadata, formatWavHeader } from "@audio/wav";

const [folder = "segments"] = process.argv.slice(2);

const format = { sampleRate: 16_000, channels: 1, bitsPerSample: 16 };
const rule = { sampleRate: 16_000, bytesPerSampleFrame: 2, segmentSeconds: 10, align: "start" };
const zone = new TimeZone("Europe/Vienna");
const nameOf = compileTemplate("{device}/{date}_{HH}{mm}{ss}");

/** 24 s of a rising tone, in pieces of 0.7 s: audio comes in whatever pieces it comes in. */
function* pieces() {
  const PIECE = 11_200;
  for (let first = 0; first < 24 * format.sampleRate; first += PIECE) {
    const length = Math.min(PIECE, 24 * format.sampleRate - first);
    const phase = (i) => 2 * Math.PI * 80 * ((first + i) / format.sampleRate) ** 2; // 160 Hz more each second
    yield Int16Array.from({ length }, (_, i) => 12_000 * Math.sin(phase(i)));
  }
}

/** Regroups the pieces into arrays of exactly `length` samples; the last one is shorter. */
function* cutInto(length, source) {
  let segment = new Int16Array(length);
  let filled = 0;
  for (const piece of source) {
    for (let at = 0; at < piece.length; ) {
      const part = piece.subarray(at, at + length - filled);
      segment.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < length) continue;
      yield segment;
      segment = new Int16Array(length);
      filled = 0;
    }
  }
  if (filled > 0) yield segment.subarray(0, filled);
}

function writeSegment(samples, startUs) {
  const audio = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength); // little-endian, as WAV is
  const local = zone.local(startUs);
  const recording = {
    device: "tone-generator",
    source: "example",
    startUs,
    local,
    sampleRate: format.sampleRate,
    samples: samples.length,
    software: "segment-writer.mjs",
    gaps: [],
  };
  const metadata = formatMetadata(recording, audio.length);
  const header = formatWavHeader(format, audio.length, metadata.length);
  const name = nameOf({ device: "tone-generator", streamId: 0, source: "example", start: local });
  const path = join(folder, `${name}.wav`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, Buffer.concat([header, audio, metadata]));
  return path;
}

/** Loudest second of a segment, in dBFS. */
function loudest(samples) {
  const meter = new LevelMeter(format.sampleRate, format.channels, format.bitsPerSample);
  const audio = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  meter.add(audio, 0, audio.length);
  return Math.max(...meter.levels().rmsDbfs);
}

// A segment's time is that of its first sample: the stream's start plus the samples before it.
const streamStartUs = Date.UTC(2026, 10, 21, 21, 7, 2) * 1000;
const length = segmentSampleFrames(rule, streamStartUs, zone.offsetUs(streamStartUs));
let before = 0;
for (const samples of cutInto(length, pieces())) {
  const startUs = streamStartUs + (before * 1_000_000) / format.sampleRate;
  const path = writeSegment(samples, startUs);
  console.log(`${path}: ${samples.length} samples, RMS ${loudest(samples).toFixed(1)} dBFS`);
  before += samples.length;
}
