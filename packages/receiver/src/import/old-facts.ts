import { open } from "node:fs/promises";
import { type Form, readWholeFrames } from "@audio/archive";
import { readTags } from "@audio/compress";
import type { RecordingMetadata } from "@audio/wav";
import { gunzipHead } from "./gunzip.js";
import { readUpTo, withOldFile } from "./open-old.js";
import type { OldFile } from "./walk.js";
import { type Piece, piecesOf, surveyWav, type WavSurvey } from "./wav-survey.js";

/** What one old file holds, and what its copy is made of. */
export interface OldFacts {
  readonly file: OldFile;
  readonly form: Form;
  /** Undefined: another file of the segment has to tell (`.bin`). */
  readonly audio: { readonly samples: number; readonly sampleRate: number } | undefined;
  readonly metadata: RecordingMetadata | undefined;
  /** What is wrong with the file and not with its copy, or what is left as it is. */
  readonly note: string | undefined;
  /** Whether metadata can be put into the copy. */
  readonly takesMetadata: boolean;
  /** The copy's content; of a `.wav.gz`, of what is in it. */
  readonly pieces: (metadata: RecordingMetadata | undefined) => Piece[];
}

// No recording of ten minutes has so much; one on a file system that compresses silence may be nearly all holes.
const LARGE_BYTES = 268_435_456;
const HOLES = 16;
const RATES = { min: 1000, max: 384_000 };
const MOST_CHANNELS = 8;

/** Looks into an old file without reading it all (`.bin`: its frames); a text says why it cannot be taken. */
export async function oldFacts(file: OldFile): Promise<OldFacts | string> {
  if (file.bytes === 0) return "is empty";
  if (file.bytes > LARGE_BYTES && file.storedBytes < file.bytes / HOLES)
    return `claims ${file.bytes} bytes, of which ${file.storedBytes} are on its disk: a file with holes`;
  try {
    if (file.form === "bin") return await binFacts(file);
    if (file.form === "wav") return await wavFacts(file);
    if (file.form === "wav.gz") return await packedFacts(file);
    return await taggedFacts(file, file.form);
  } catch (error) {
    // Whatever carries a code says what is wrong with the file or its disk; anything else is a mistake of ours.
    if (error instanceof Error && "code" in error) return error.message;
    throw error;
  }
}

function wavFacts(file: OldFile): Promise<OldFacts | string> {
  return withOldFile(file.path, async (handle) => {
    const read = (position: number, length: number) => readUpTo(handle, position, length);
    return factsOfSurvey(file, await surveyWav({ size: file.bytes, read }));
  });
}

/** The facts of a WAV that lies at `path` now, whatever `file` was. */
export async function unpackedFacts(file: OldFile, path: string): Promise<OldFacts | string> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    const read = (position: number, length: number) => readUpTo(handle, position, length);
    return factsOfSurvey(file, await surveyWav({ size, read }));
  } finally {
    await handle.close();
  }
}

async function packedFacts(file: OldFile): Promise<OldFacts | string> {
  const { head, size } = await gunzipHead(file);
  const read = async (position: number, length: number) => head.subarray(position, position + length);
  return factsOfSurvey(file, await surveyWav({ size, read }));
}

function factsOfSurvey(file: OldFile, survey: WavSurvey | string): OldFacts | string {
  if (typeof survey === "string") return survey;
  const { sampleRate, channels } = survey.header;
  const fault = formatFault(sampleRate, channels);
  if (fault !== undefined) return fault;
  const { samples, metadata, damage: note, takesMetadata } = survey;
  const pieces = (wanted: RecordingMetadata | undefined) => piecesOf(survey, wanted);
  return { file, form: "wav", audio: { samples, sampleRate }, metadata, note, takesMetadata, pieces };
}

function formatFault(sampleRate: number, channels: number): string | undefined {
  if (sampleRate < RATES.min || sampleRate > RATES.max)
    return `sample rate ${sampleRate} Hz is not ${RATES.min} … ${RATES.max}`;
  return channels > MOST_CHANNELS ? `has ${channels} channels, allowed are ${MOST_CHANNELS}` : undefined;
}

async function taggedFacts(file: OldFile, form: "flac" | "opus"): Promise<OldFacts | string> {
  const { format, metadata, samples, sampleRate, channels } = await readTags(file.path);
  if (format !== form) return `is ${format}, whatever its name says`;
  const fault = formatFault(sampleRate, channels);
  if (fault !== undefined) return fault;
  if (samples === undefined) return "does not say how long it is";
  if (samples === 0) return "holds no audio";
  const pieces = () => [{ from: 0, to: file.bytes }];
  return {
    ...{ file, form, audio: { samples, sampleRate }, metadata },
    ...{ note: undefined, takesMetadata: false, pieces },
  };
}

function binFacts(file: OldFile): Promise<OldFacts | string> {
  return withOldFile(file.path, async (handle) => {
    const { bytes, frames, endsTorn } = await readWholeFrames(handle);
    if (frames === 0) return `is no row of frames: none at byte ${bytes}`;
    const torn = file.bytes - bytes;
    const note = torn === 0 ? undefined : tornNote(torn, bytes, endsTorn);
    const pieces = () => [{ from: 0, to: endsTorn ? bytes : file.bytes }];
    return {
      ...{ file, form: "bin" as const, audio: undefined, metadata: undefined },
      ...{ note, takesMetadata: false, pieces },
    };
  });
}

function tornNote(torn: number, at: number, endsTorn: boolean): string {
  if (endsTorn) return `${torn} bytes of a torn frame at its end are left out`;
  return `no frame at byte ${at}: the ${torn} bytes from there on are kept as they are`;
}
