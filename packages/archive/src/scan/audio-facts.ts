import type { RecordingMetadata } from "@audio/wav";

/** What an audio file that is not WAV says of itself. */
export interface AudioTags {
  /** Our line of metadata, if it carries one. */
  readonly metadata: RecordingMetadata | undefined;
  /** Sample frames at `sampleRate`; undefined if the file does not say. */
  readonly samples: number | undefined;
  /** Hz */
  readonly sampleRate: number;
  readonly channels: number;
  /** Undefined where there is none, as in Opus. */
  readonly bitsPerSample: number | undefined;
}

/**
 * Reads the tags and the length of a FLAC or Opus file, never its audio.
 * @param path absolute
 * @throws Error with a `code` and a message that says what is wrong with the file
 */
export type ReadTags = (path: string) => Promise<AudioTags>;

/** What one file of a segment tells. */
export interface AudioFacts {
  /** Our metadata, if the file carries some and it fits the audio. */
  readonly metadata: RecordingMetadata | undefined;
  readonly samples: number;
  /** Hz */
  readonly sampleRate: number;
  readonly channels: number;
  readonly bitsPerSample: number;
  /** Undefined if the file does not say. */
  readonly streamId: number | undefined;
  /** Time of the file's last write: UTC, microseconds since the epoch. */
  readonly writtenUs: number;
}

/** A file that cannot be used, and why. */
export interface Fault {
  readonly fault: string;
}

// Opus is coded in frames of 20 ms, and tells its length at 48 kHz.
const LENGTHS_DIFFER_SECONDS = 0.1;

/** The facts of a file by its tags. Metadata that tells of another length is a copy from another recording. */
export function tagFacts({ metadata, samples, ...tags }: AudioTags, writtenUs: number): AudioFacts | Fault {
  const { sampleRate, channels, bitsPerSample = 16 } = tags;
  const format = { channels, bitsPerSample, streamId: undefined, writtenUs };
  if (metadata !== undefined && isLength(metadata, samples, sampleRate))
    return { ...format, metadata, samples: metadata.samples, sampleRate: metadata.sampleRate };
  if (samples === undefined) return { fault: "does not say how long it is" };
  return { ...format, metadata: undefined, samples, sampleRate };
}

function isLength(metadata: RecordingMetadata, samples: number | undefined, sampleRate: number): boolean {
  if (samples === undefined) return true;
  const difference = metadata.samples / metadata.sampleRate - samples / sampleRate;
  return Math.abs(difference) <= LENGTHS_DIFFER_SECONDS;
}
