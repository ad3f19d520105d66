import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { mkdir, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { adpcmFrames, patched, pcmFrames, tones, wavFile } from "./audio.js";

/** Half a second of audio: 8000 samples, other ones for each seed. */
export const audioOf = (seed: number) => tones(8000, { seed });
export const HALF_SECOND_MS = 500;

/** Files of a folder, by their paths, and when each was last written (ISO 8601). */
export type OldTree = Readonly<Record<string, readonly [content: Uint8Array, written: string]>>;

export async function writeTree(root: string, tree: OldTree): Promise<void> {
  for (const [path, [content, written]] of Object.entries(tree)) {
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    await utimes(file, new Date(written), new Date(written));
  }
}

/** A WAV whose writer was killed: its header says that nothing follows. */
const unpatched = (seed: number) => patched(patched(wavFile(audioOf(seed)), 4, 4, 36), 40, 4, 0);
/** A WAV that was cut, in the middle of a sample. */
const cut = (seed: number) => wavFile(audioOf(seed)).subarray(0, 44 + 10_001);

// Through a file, as they were made: what goes through a pipe does not say how long it is.
function encoded(audio: Buffer, extension: string, ...args: string[]): Buffer {
  const file = join(mkdtempSync(join(tmpdir(), "audio-old-")), `encoded.${extension}`);
  const input = ["-v", "error", "-f", "s16le", "-ar", "16000", "-ac", "1", "-i", "pipe:0"];
  execFileSync("ffmpeg", [...input, ...args, file], { input: audio });
  const content = readFileSync(file);
  rmSync(dirname(file), { recursive: true });
  return content;
}

const packed = (seed: number) => gzipSync(wavFile(audioOf(seed)));
const bin = (frames: readonly Uint8Array[]) => Buffer.concat(frames);
const pcm = (seed: number) => pcmFrames(audioOf(seed), { frameSamples: 320 });

/** Ten-minute files by date and minute, in Vienna: what a receiver on a server of its own has left. */
export function datedTree(): OldTree {
  const day = "2025-01-08/2025-01-08_";
  return {
    [`${day}1200.wav`]: [wavFile(audioOf(1)), "2025-01-08T11:00:03.750Z"],
    [`${day}1210.wav`]: [unpatched(2), "2025-01-08T11:10:00.900Z"],
    [`${day}1220.wav`]: [cut(3), "2025-03-01T00:00:00Z"],
    [`${day}1230.wav.gz`]: [packed(4), "2025-01-08T11:30:07.500Z"],
    [`${day}1240.flac`]: [encoded(audioOf(5), "flac"), "2025-01-08T11:40:13Z"],
    [`${day}1250.opus`]: [encoded(audioOf(6), "opus", "-c:a", "libopus"), "2025-01-08T11:50:13Z"],
    "2025-10-26/2025-10-26_0210.wav": [wavFile(audioOf(7)), "2025-10-26T01:10:01.500Z"],
    "2025-10-26/2025-10-26_0220.wav": [wavFile(audioOf(8)), "2026-01-01T00:00:00Z"],
    "2025-03-30/2025-03-30_0230.wav": [wavFile(audioOf(9)), "2026-01-01T00:00:00Z"],
    "readme.txt": [Buffer.from("not a recording"), "2025-01-08T11:00:00Z"],
  };
}

/** Ten-second files by stream, device and second, each with its frames: what a WebSocket backend has left. */
export function receivedTree(): OldTree {
  const kitchen = "kitchen/stream_1_kitchen_20250108_1200";
  const adpcm = bin(adpcmFrames(audioOf(13), { frameSamples: 320 }));
  return {
    [`${kitchen}00.wav`]: [wavFile(audioOf(11)), "2025-01-08T11:00:10Z"],
    [`${kitchen}00.bin`]: [bin(pcm(11)), "2025-01-08T11:00:10Z"],
    [`${kitchen}10.wav`]: [unpatched(12), "2025-01-08T11:00:20Z"],
    [`${kitchen}10.bin`]: [bin(pcm(12)).subarray(0, 10_000), "2025-01-08T11:00:20Z"],
    "stream_2_20250108_120000.wav": [wavFile(audioOf(13)), "2025-01-08T11:00:10Z"],
    "stream_2_20250108_120000.bin": [adpcm, "2025-01-08T11:00:10Z"],
    "A4:CF:12/stream_3_A4:CF:12_20250108_120000.wav": [wavFile(audioOf(14)), "2025-01-08T11:00:10Z"],
    "porch/stream_4_porch_20250108_120000.bin": [bin(pcm(15)), "2025-01-08T11:00:10Z"],
  };
}
