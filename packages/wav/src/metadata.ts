// What a recording says about itself, in chunks after the audio: `bext` for editors and broadcast tools, INFO for
// players, and within INFO's comment (ICMT) everything as one line of JSON, which is what we read back.
import { formatBext } from "./bext.js";
import { MAX_WAV_BYTES } from "./header.js";
import { formatInfo, infoEntries } from "./info.js";
import { formatDate, formatTime, samplesSinceMidnight } from "./local-time.js";
import { rangeProblem } from "./range.js";
import { fromRecord, type RecordingMetadata, recordingProblem, toRecord } from "./recording.js";
import { concatenate } from "./riff.js";
import { decodeLatin1, padded, toAsciiJson } from "./text.js";

/** The texts by which a recording is known to players and tools, whatever the container. */
export interface RecordingTags {
  /** Device, stream and source, and the local time of the start. */
  readonly title: string;
  /** The device, if it has a name. */
  readonly artist: string | undefined;
  /** The start in UTC with microseconds, ISO 8601. */
  readonly date: string;
  /** The program that recorded, with its version. */
  readonly software: string;
  /** All fields as one line of JSON in ASCII; {@link parseRecord} reads it. At most about 100 kB. */
  readonly comment: string;
}

/**
 * What a compressed copy of a recording carries as tags; {@link formatMetadata} writes the same into a WAV.
 *
 * @throws RangeError if a number is not an integer or out of its range
 */
export function recordingTags(metadata: RecordingMetadata): RecordingTags {
  const problem = recordingProblem(metadata);
  if (problem !== undefined) throw new RangeError(problem);
  const { device, local, software, startUs } = metadata;
  return {
    title: `${describe(metadata)}, ${formatDate(local)} ${formatTime(local)}`,
    artist: device,
    date: formatUtc(startUs),
    software,
    comment: toAsciiJson(toRecord(metadata)),
  };
}

/**
 * Reads the comment of {@link recordingTags}.
 *
 * @returns undefined for any other text; never throws
 */
export function parseRecord(comment: string): RecordingMetadata | undefined {
  return fromRecord(parseJson(comment));
}

/**
 * The bytes to put after the audio: a pad byte if `dataBytes` is odd, `bext` (EBU Tech 3285 v1) and `LIST`/`INFO`
 * (INAM, IART = device, ICRD = start in UTC, ISFT = software, ICMT = all fields in JSON). Its length is
 * `formatWavHeader`'s `trailingBytes`.
 *
 * @throws RangeError if a number is not an integer or out of its range
 */
export function formatMetadata(metadata: RecordingMetadata, dataBytes: number): Uint8Array<ArrayBuffer> {
  const tags = recordingTags(metadata);
  const problem = rangeProblem("dataBytes", dataBytes, 0, MAX_WAV_BYTES);
  if (problem !== undefined) throw new RangeError(problem);
  const { streamId, local, sampleRate, software, startUs } = metadata;
  const bext = formatBext({
    description: describe(metadata),
    originator: software,
    originatorReference: streamId === undefined ? `${startUs}` : `${streamId}-${startUs}`,
    originationDate: formatDate(local),
    originationTime: formatTime(local),
    timeReference: samplesSinceMidnight(local, sampleRate),
  });
  const info = formatInfo([
    ["INAM", tags.title],
    ...(tags.artist === undefined ? [] : ([["IART", tags.artist]] as const)),
    ["ICRD", tags.date],
    ["ISFT", tags.software],
    ["ICMT", tags.comment],
  ]);
  return concatenate([new Uint8Array(dataBytes & 1), bext, info]);
}

/**
 * Reads what {@link formatMetadata} wrote.
 *
 * @param chunks the file's bytes after the audio, with or without the pad byte
 * @returns undefined if there is none of ours; never throws, whatever the bytes
 */
export function parseMetadata(chunks: Uint8Array): RecordingMetadata | undefined {
  const start = chunks[0] === 0 ? 1 : 0; // the pad byte: no chunk's name begins with NUL
  for (const comment of infoEntries(chunks, start, "ICMT")) {
    const metadata = parseRecord(decodeLatin1(comment));
    if (metadata !== undefined) return metadata;
  }
  return undefined;
}

function describe({ device, streamId, source }: RecordingMetadata): string {
  const parts = device === undefined ? [] : [`device ${device}`];
  if (streamId !== undefined) parts.push(`stream ${streamId}`);
  return [...parts, source].join(", ");
}

function formatUtc(us: number): string {
  const iso = new Date(Math.floor(us / 1000)).toISOString();
  return iso.replace("Z", `${padded(us % 1000, 3)}Z`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // somebody else's comment
    throw error;
  }
}
