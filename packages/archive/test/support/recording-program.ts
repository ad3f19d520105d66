/** Records live audio until it is killed, and says what it has handed over; the test bundles and runs it. */
import { compileTemplate, TimeZone } from "@audio/segments";
import { openArchive, systemClock } from "../../src/index.js";
import { MONO_16, signal } from "./studio.js";

const SAMPLE_RATE = 16_000;
const BLOCK = SAMPLE_RATE / 50;
const ignore = () => undefined;
const listener = {
  segmentOpen: ignore,
  segmentComplete: ignore,
  segmentFailed: ignore,
  gap: ignore,
  disk: ignore,
  recovered: ignore,
};
const archive = await openArchive({ dataDir: process.argv[2], minFreeBytes: 0, listener });
const recorder = archive.record({
  stream: { ...MONO_16, sampleRate: SAMPLE_RATE },
  zone: new TimeZone("UTC"),
  template: compileTemplate("{device}/{date}_{HH}{mm}{ss}"),
  segmentSeconds: 0.7,
  align: "start",
  keepFrames: true,
  binPreamble: new Uint8Array(0),
  software: "test",
  onRelief: ignore,
});

setInterval(() => {
  const nowUs = systemClock.monotonicUs();
  recorder.begin(nowUs);
  const frame = Buffer.concat([
    Buffer.from("PCMF"),
    Buffer.alloc(8),
    signal(recorder.samples * 2, BLOCK * 2),
  ]);
  frame.writeUInt32LE(BLOCK * 2, 4);
  recorder.frame(frame, 0, frame.length);
  recorder.write(frame, 12, frame.length);
  recorder.end(nowUs);
  process.stdout.write(`${recorder.samples}\n`);
}, 20);
