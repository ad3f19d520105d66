import { execFileSync, spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import type { RangePlan } from "../../src/playback/plan.js";
import { readRange } from "../../src/playback/read-range.js";
import type { AudioSources, DecodeAudio, OpenRemote, ReadNote } from "../../src/playback/sources.js";

/** Bytes that are all different from their neighbours, every seed others: a lost or doubled sample shows. */
export function noise(bytes: number, seed = 1): Buffer {
  const noisy = Buffer.alloc(bytes);
  let state = seed;
  for (let i = 0; i < bytes; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    noisy[i] = state >>> 24;
  }
  return noisy;
}

export async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

/** All that a plan plays, and what was noted meanwhile. */
export async function played(
  plan: RangePlan | undefined,
  sources: AudioSources,
): Promise<{ pcm: Buffer; notes: ReadNote[] }> {
  if (plan === undefined) throw new Error("there is no audio in this range");
  const notes: ReadNote[] = [];
  const pcm = await joined(readRange(plan, { ...sources, onNote: (note) => notes.push(note) }));
  return { pcm, notes };
}

/** A WAV file compressed by ffmpeg. */
export function compress(from: string, to: string): void {
  execFileSync("ffmpeg", ["-nostdin", "-v", "error", "-i", from, to]);
}

/** ffmpeg as decoder: of a stored object as of a file. */
export const decodeByFfmpeg: DecodeAudio = async function* (input, { from, samples, format }) {
  const { sampleRate, channels, bitsPerSample } = format;
  const filter = `aresample=${sampleRate},atrim=start_sample=${from}:end_sample=${from + samples}`;
  const source = typeof input === "string" ? input : "pipe:0";
  const out = ["-af", filter, "-ar", `${sampleRate}`, "-ac", `${channels}`, "-f", `s${bitsPerSample}le`, "-"];
  const child = spawn("ffmpeg", ["-v", "error", "-i", source, ...out], { stdio: ["pipe", "pipe", "pipe"] });
  let complaint = "";
  child.stderr.on("data", (text) => {
    complaint += text;
  });
  child.stdin.on("error", () => undefined);
  if (typeof input !== "string") input.pipe(child.stdin);
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  yield* child.stdout;
  if ((await ended) !== 0) throw new Error(complaint.split("\n")[0]);
};

/** A store whose objects are files, and the ranges that were asked of it. */
export function storeOf(pathOf: (key: string) => string): {
  openRemote: OpenRemote;
  asked: [number, number][];
} {
  const asked: [number, number][] = [];
  const openRemote: OpenRemote = async ({ key }, { start, end }) => {
    asked.push([start, end]);
    return createReadStream(pathOf(key), { start, end: end - 1 });
  };
  return { openRemote, asked };
}
