import { parseMetadata, parseWavHeader, type RecordingMetadata, type WavHeader } from "@audio/wav";
import type { AudioFacts, Fault } from "./audio-facts.js";
import type { RegularFile } from "./regular-file.js";

// Our header is 44 bytes; the files of other programs have rarely more than a few chunks in front.
const HEAD_BYTES = 4096;
// As much as parseWavHeader ever needs.
const LONGEST_HEAD_BYTES = 1_048_576;
// Our own chunks are 180 kB at most (1000 gaps); others may have put theirs in between.
const TAIL_BYTES = 1_048_576;

/**
 * Reads what a WAV says of itself: its header, and the chunks behind the audio. At most 2 MiB are read, whatever the
 * file claims.
 * @throws WavError
 */
export async function wavFacts(file: RegularFile): Promise<AudioFacts | Fault> {
  const header = await headerOf(file);
  if (header === undefined) return { fault: `ends in its header, at byte ${file.size}` };
  const end = Math.min(file.size, header.dataOffset + header.dataBytes);
  const samples = sampleFrames(header, end - header.dataOffset);
  const metadata = parseMetadata(await file.read(end, TAIL_BYTES));
  const { sampleRate, channels, bitsPerSample } = header;
  const format = { sampleRate, channels, bitsPerSample, streamId: undefined };
  return { ...format, metadata: ofThis(metadata, samples, sampleRate), samples, writtenUs: file.writtenUs };
}

async function headerOf(file: RegularFile): Promise<WavHeader | undefined> {
  const header = parseWavHeader(await file.read(0, HEAD_BYTES));
  if (header !== undefined || file.size <= HEAD_BYTES) return header;
  return parseWavHeader(await file.read(0, LONGEST_HEAD_BYTES));
}

function sampleFrames({ blockAlign, samplesPerBlock = 1 }: WavHeader, bytes: number): number {
  return Math.floor(bytes / blockAlign) * samplesPerBlock;
}

// A program that cuts a piece out may copy the chunks: then they tell of another recording, with another start.
function ofThis(metadata: RecordingMetadata | undefined, samples: number, sampleRate: number) {
  return metadata?.samples === samples && metadata.sampleRate === sampleRate ? metadata : undefined;
}
