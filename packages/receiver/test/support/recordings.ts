import { readdir, readFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import {
  parseMetadata,
  parseWavHeader,
  type RecordingMetadata,
  WAV_HEADER_BYTES,
  type WavHeader,
} from "@audio/wav";

/** A recorded WAV, taken apart. */
export interface Recording {
  readonly header: WavHeader;
  /** What the header claims. */
  readonly dataBytes: number;
  readonly data: Buffer;
  /** What stands behind the audio. */
  readonly chunks: Buffer;
  readonly metadata: RecordingMetadata | undefined;
  /** The number in the RIFF header, which counts all but the first 8 bytes. */
  readonly riffBytes: number;
  readonly fileBytes: number;
}

/** Reads a WAV as a simple reader would: 44 bytes, then audio. */
export async function readRecording(path: string): Promise<Recording> {
  const file = await readFile(path);
  const header = parseWavHeader(file);
  if (header === undefined) throw new Error(`${path}: no WAV header in ${file.length} bytes`);
  if (header.dataOffset !== WAV_HEADER_BYTES) throw new Error(`${path}: data begins at ${header.dataOffset}`);
  const dataBytes = file.readUInt32LE(40);
  const end = WAV_HEADER_BYTES + dataBytes;
  const chunks = file.subarray(end);
  return {
    header,
    dataBytes,
    data: file.subarray(WAV_HEADER_BYTES, end),
    chunks,
    metadata: parseMetadata(chunks),
    riffBytes: file.readUInt32LE(4),
    fileBytes: file.length,
  };
}

/** The audio of several recordings, joined. */
export async function joinedAudio(segments: readonly { path: string }[]): Promise<Buffer> {
  const recordings = await Promise.all(segments.map(({ path }) => readRecording(path)));
  return Buffer.concat(recordings.map(({ data }) => data));
}

/** The `.bin` files of several segments, joined. */
export async function joinedFrames(
  segments: readonly { bin: { path: string } | undefined }[],
): Promise<Buffer> {
  const paths = segments.flatMap(({ bin }) => bin?.path ?? []);
  return Buffer.concat(await Promise.all(paths.map((path) => readFile(path))));
}

/** All files below a folder, relative, sorted; the lock of a running receiver left out. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter(({ name, parentPath }) => name !== "receiver.lock" && basename(parentPath) !== ".journal")
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** Paths of the WAVs below a folder whose name begins so, in the natural order of their names. */
export async function wavsBelow(folder: string, start = ""): Promise<string[]> {
  const names = (await filesBelow(folder)).filter((name) => basename(name).startsWith(start));
  const wavs = names.filter((name) => name.endsWith(".wav"));
  return wavs.sort(naturally).map((name) => join(folder, name));
}

// `a.wav`, `a_2.wav`, … `a_10.wav`: numbers by their value, and nothing before `_2`.
function naturally(a: string, b: string): number {
  const plain = (name: string) => name.replace(/\.wav$/, "");
  return plain(a).localeCompare(plain(b), "en", { numeric: true });
}
