import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { formatFrame } from "@audio/protocol";
import { compileTemplate, DEFAULT_TEMPLATES, type TimeZone } from "@audio/segments";
import { formatWavHeader } from "@audio/wav";
import { CODE_RATE, speakSecond, spokenAt } from "./time-code.js";

const DEVICE = 7;
const SEGMENTS = 3;
const SECONDS = 10;
const FRAME_BYTES = 320;

/**
 * Segments that no catalogue knows, from noon on: the receiver finds them when it starts. WAVs of a sender without a
 * name, and frames as received of `pager`, at 16 kHz in name only: they play at twice the speed.
 */
export function writeUnknown(dataDir: string, zone: TimeZone, noonUs: number, noon: number): void {
  for (let i = 0; i < SEGMENTS; i++) {
    const start = zone.local(noonUs + i * SECONDS * 1_000_000);
    const name = { device: "pager", source: "websocket", start };
    const audio = spoken(noon + i * SECONDS);
    const header = formatWavHeader({ sampleRate: CODE_RATE, channels: 1, bitsPerSample: 16 }, audio.length);
    const nameless = compileTemplate(DEFAULT_TEMPLATES.anonymous)({ ...name, streamId: 9 });
    write(join(dataDir, `${nameless}.wav`), [header, audio]);
    const pager = compileTemplate(DEFAULT_TEMPLATES.device)({ ...name, streamId: 8 });
    write(join(dataDir, `${pager}.bin`), framed(audio));
  }
}

function spoken(from: number): Uint8Array {
  const samples = new Int16Array(SECONDS * CODE_RATE);
  for (let i = 0; i < SECONDS; i++) speakSecond(samples, i * CODE_RATE, spokenAt(DEVICE, from + i), 3000);
  return new Uint8Array(samples.buffer);
}

function framed(audio: Uint8Array): Uint8Array[] {
  return Array.from({ length: audio.length / FRAME_BYTES }, (_, seq) =>
    formatFrame("pcm16", seq, audio.subarray(seq * FRAME_BYTES, (seq + 1) * FRAME_BYTES)),
  );
}

function write(path: string, parts: readonly Uint8Array[]): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, Buffer.concat(parts));
}
