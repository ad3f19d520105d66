import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { GAP_CAUSES, type GapCause, type PathParts, type PathReader, type TimeZone } from "@audio/segments";
import type { RecordingMetadata } from "@audio/wav";
import { FORMS, type Form, type SegmentFacts } from "../catalogue/segment.js";
import { SOURCES, type Source } from "../events.js";
import { type AudioFacts, type Fault, type ReadTags, tagFacts } from "./audio-facts.js";
import { type BinFormat, binFacts } from "./bin-facts.js";
import { withRegularFile } from "./regular-file.js";
import { startOfName } from "./start-of-name.js";
import { wavFacts } from "./wav-facts.js";

/** What is needed to make sense of files that do not say everything themselves. */
export interface FactsContext {
  /** Zone of the times in names. */
  readonly zone: TimeZone;
  /** See `layoutReader`. */
  readonly names: PathReader;
  /** Without it, a segment that exists as FLAC or Opus alone cannot be told. */
  readonly readTags?: ReadTags;
  /** Format of a `.bin` that stands alone and has no handshake (default 16 000 Hz, mono). */
  readonly binFormat?: BinFormat;
}

/** A file that cannot be used. */
export interface FileFault {
  /** Below the data directory, with `/`. */
  readonly path: string;
  readonly reason: string;
}

/** What the files of one segment tell. */
export interface SegmentReading {
  /** Undefined: none of ours, or nothing of it can be read (then there are faults). */
  readonly facts: SegmentFacts | undefined;
  /** Files that were found to be broken. */
  readonly faults: readonly (FileFault & { readonly form: Form })[];
}

const RECEIVED: BinFormat = { sampleRate: 16_000, channels: 1 };
// What the protocol and the settings allow. Other files are no recordings of ours.
const RATES = { min: 1000, max: 384_000 };
const DEVICE = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Reads the facts of a segment from its files alone: from the metadata that one of them carries, else from its name
 * and the audio's format. Only heads and tails of files are read, at most 2 MiB of each (`.bin`: 16 MiB). Nothing that
 * is in the files makes it fail: a broken one is a fault.
 * @param dataDir absolute path
 * @param stem path below it without extension, with `/`
 * @param forms that stand there
 */
export async function readSegmentFacts(
  dataDir: string,
  stem: string,
  forms: readonly Form[],
  context: FactsContext,
): Promise<SegmentReading> {
  const name = context.names(stem);
  const faults: SegmentReading["faults"][number][] = [];
  let readable: AudioFacts | undefined;
  for (const form of FORMS.filter((candidate) => forms.includes(candidate))) {
    if (readable !== undefined && form === "bin") break; // it has no metadata either
    const path = `${stem}.${form}`;
    const found = usable(await readForm(join(dataDir, path), form, context));
    if ("fault" in found) faults.push({ form, path, reason: found.fault });
    else if (found.metadata !== undefined)
      return { facts: factsOfMetadata(stem, found, found.metadata), faults };
    else readable ??= found;
  }
  if (name === undefined) return { facts: undefined, faults: [] };
  return { facts: readable && factsOfName(stem, readable, name, context.zone), faults };
}

function readForm(path: string, form: Form, { readTags, binFormat = RECEIVED }: FactsContext) {
  return explained(async (): Promise<AudioFacts | Fault> => {
    if (form === "wav") return (await withRegularFile(path, wavFacts)) ?? NO_FILE;
    if (form === "bin") return (await withRegularFile(path, (file) => binFacts(file, binFormat))) ?? NO_FILE;
    if (readTags === undefined) return { fault: `${form} files cannot be read here` };
    const stats = await lstat(path);
    if (!stats.isFile()) return NO_FILE;
    return tagFacts(await readTags(path), Math.round(stats.mtimeMs * 1000));
  });
}

const NO_FILE: Fault = { fault: "is no regular file" };

// Whatever carries a code says what is wrong with the file or its disk; anything else is a mistake of ours.
async function explained(read: () => Promise<AudioFacts | Fault>): Promise<AudioFacts | Fault> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Error && "code" in error) return { fault: error.message };
    throw error;
  }
}

function usable(found: AudioFacts | Fault): AudioFacts | Fault {
  if ("fault" in found) return found;
  const { samples, sampleRate, metadata } = found;
  if (sampleRate < RATES.min || sampleRate > RATES.max)
    return { fault: `sample rate ${sampleRate} Hz is not ${RATES.min} … ${RATES.max}` };
  if (samples === 0) return { fault: "holds no audio" };
  return metadata === undefined || isOurs(metadata) ? found : { ...found, metadata: undefined };
}

function isOurs({ device = "-", startUs, samples, sampleRate }: RecordingMetadata): boolean {
  const endUs = startUs + (samples * 1_000_000) / sampleRate;
  return (
    DEVICE.test(device) &&
    sampleRate >= RATES.min &&
    sampleRate <= RATES.max &&
    endUs <= Number.MAX_SAFE_INTEGER
  );
}

function factsOfMetadata(
  stem: string,
  { channels, bitsPerSample }: AudioFacts,
  { device, streamId = 0, source, sampleRate, samples, startUs, gaps }: RecordingMetadata,
): SegmentFacts {
  return {
    stem,
    source: sourceOf(source),
    device,
    streamId,
    sampleRate,
    channels,
    bitsPerSample,
    startUs,
    samples,
    gaps: gaps.flatMap(({ cause, ...place }) => (isCause(cause) ? [{ ...place, cause }] : [])),
    levels: undefined,
  };
}

function factsOfName(
  stem: string,
  { sampleRate, channels, bitsPerSample, samples, writtenUs, streamId }: AudioFacts,
  name: PathParts,
  zone: TimeZone,
): SegmentFacts {
  return {
    stem,
    source: sourceOf(name.source),
    device: name.device,
    streamId: streamId ?? name.streamId ?? 0,
    sampleRate,
    channels,
    bitsPerSample,
    startUs: startOfName(name, writtenUs - Math.round((samples * 1_000_000) / sampleRate), zone),
    samples,
    gaps: [],
    levels: undefined,
  };
}

function sourceOf(text: string | undefined): Source | undefined {
  return SOURCES.find((source) => source === text);
}

function isCause(text: string): text is GapCause {
  return (GAP_CAUSES as readonly string[]).includes(text);
}
