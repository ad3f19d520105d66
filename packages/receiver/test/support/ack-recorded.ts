import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { expect } from "vitest";
import type { AckDevice, Sound } from "./ack-device.js";
import { filesBelow, joinedAudio, readRecording, wavsBelow } from "./recordings.js";

export interface Expectation {
  /** What the names of its files begin with. */
  readonly files?: string;
  /** Default: `.bin` files without handshake. */
  readonly bin?: "none" | "frames" | "handshake";
}

/** The WAVs, joined by the natural order of their names. */
export async function recordedAudio(folder: string, files = "stream_7_"): Promise<Buffer> {
  return joinedAudio((await wavsBelow(folder, files)).map((path) => ({ path })));
}

/** The frames in the `.bin` files, joined by the natural order of their names. */
async function recordedFrames(folder: string, files = "stream_7_", preamble = 0): Promise<Buffer> {
  const names = new Set((await filesBelow(folder)).map((name) => basename(name)));
  const bins = (await wavsBelow(folder, files))
    .map((path) => path.replace(/wav$/, "bin"))
    .filter((path) => names.has(basename(path)));
  const parts = await Promise.all(bins.map((path) => readFile(path)));
  return Buffer.concat(parts.map((bytes) => bytes.subarray(preamble)));
}

/** Fails unless what is recorded below `folder` is what the device had to send: every sample, every frame, once. */
export async function expectExact(
  folder: string,
  { audio, frames, opening }: Sound,
  { files = "stream_7_", bin = "frames" }: Expectation = {},
): Promise<void> {
  const names = (await filesBelow(folder)).filter((name) => !name.startsWith("gaps/"));
  expect(names.filter((name) => /\.part$|quarantine/.test(name))).toEqual([]);
  const places = await placesOf(await wavsBelow(folder, files), audio);
  expectSame(await recordedAudio(folder, files), audio, `WAVs of ${files} (${places})`);
  const recorded = await recordedFrames(folder, files, bin === "handshake" ? opening.length : 0);
  expectSame(recorded, bin === "none" ? Buffer.alloc(0) : Buffer.concat(frames), `.bin files of ${files}`);
}

// Where each file's audio stands in the input, in bytes.
async function placesOf(paths: readonly string[], audio: Buffer): Promise<string> {
  const places = paths.map(async (path) => {
    const { data } = await readRecording(path);
    return `${basename(path)} ${audio.indexOf(data.subarray(0, 64))}+${data.length}`;
  });
  return (await Promise.all(places)).join(", ");
}

// A difference of megabytes is told by its place.
function expectSame(found: Buffer, wanted: Buffer, what: string): void {
  if (found.equals(wanted)) return;
  const at = found.findIndex((byte, i) => byte !== wanted[i]);
  expect.fail(`${what}: ${found.length} bytes for ${wanted.length}, the first that differs at ${at}`);
}

/** Fails unless every acknowledgement was a true one: of the session, never going back, never ahead of the sender. */
export function expectHonest({ acks }: AckDevice, session = acks[0].session): void {
  for (const [i, ack] of acks.entries()) {
    expect(ack.session).toBe(session);
    expect(ack.nextSeq).toBeLessThanOrEqual(ack.sent);
    if (i > 0) expect(ack.nextSeq).toBeGreaterThanOrEqual(acks[i - 1].nextSeq);
  }
}
