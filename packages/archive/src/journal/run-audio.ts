import { decodeBlock } from "@audio/ima-adpcm";
import { FRAME_HEADER_BYTES, payloadSampleFrames, readFrameHeader } from "@audio/protocol";
import type { Run, SessionFormat } from "./records.js";

/** The audio of a run's frames: little-endian 16-bit samples, interleaved. */
export function decodeRun({ frames, order }: Run, format: SessionFormat): Uint8Array {
  const { channels, codec } = format;
  const samples = new Int16Array(sampleFramesIn(frames, format) * channels);
  const bytes = new Uint8Array(samples.buffer);
  let filled = 0;
  for (const { start, end } of payloadsOf(frames)) {
    if (codec === "pcm16") bytes.set(frames.subarray(start, end), filled * 2);
    else decodeBlock(frames, start, end, channels as 1 | 2, order, samples, filled, format.frameSamples);
    filled += payloadSampleFrames(end - start, format) * channels;
  }
  return bytes;
}

function sampleFramesIn(frames: Uint8Array, format: SessionFormat): number {
  let sum = 0;
  for (const { start, end } of payloadsOf(frames)) sum += payloadSampleFrames(end - start, format);
  return sum;
}

function* payloadsOf(frames: Uint8Array): Generator<{ readonly start: number; readonly end: number }> {
  for (let at = 0; ; ) {
    const header = readFrameHeader(frames, at);
    if (header === undefined) return;
    const start = at + FRAME_HEADER_BYTES;
    at = start + header.payloadBytes;
    yield { start, end: at };
  }
}
