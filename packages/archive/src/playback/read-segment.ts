import type { Readable } from "node:stream";
import type { Form, RemoteCopy, Segment, SegmentForm } from "../catalogue/segment.js";
import { type Overhang, readBin } from "./bin-form.js";
import { bytesOf, Missing, openBelow, pathBelow, Unreadable } from "./local-file.js";
import type { PlayFormat } from "./plan.js";
import { frameBytesOf, wholeUnits } from "./sample-frames.js";
import type { AudioSources, DecodeAudio } from "./sources.js";
import { readRemoteWav, readWavFile, type SampleRange } from "./wav-form.js";

/** A form in one place. */
export interface Candidate {
  readonly form: Form;
  /** Behind the stem of a local file; undefined for a remote copy. */
  readonly extension?: string;
  readonly copy?: RemoteCopy;
  /** Of the remote copy. */
  readonly bytes: number;
  /** Nobody said that it is there: that it is not is no news. */
  readonly isGuess?: boolean;
}

/** What the reading of one plan has in common. */
export interface Reading {
  readonly sources: AudioSources;
  readonly format: PlayFormat;
  readonly overhang: Overhang;
  readonly signal: AbortSignal | undefined;
}

// Samples as they were recorded first, then what is here before what must be fetched.
const EXACT: readonly Form[] = ["wav", "flac", "bin"];

/** A segment's forms in the order in which they are tried. */
export function candidatesOf(forms: readonly SegmentForm[]): Candidate[] {
  const of = (wanted: (form: Form) => boolean) => {
    const some = forms.filter(({ form }) => wanted(form)).sort((a, b) => rank(a.form) - rank(b.form));
    const local = some.filter((it) => it.local).map(({ form }) => localCandidate(form));
    const remote = some.flatMap(({ form, remote: copy, bytes }) => (copy ? [{ form, copy, bytes }] : []));
    return [...local, ...remote];
  };
  return [...of((form) => EXACT.includes(form)), ...of((form) => form === "opus")];
}

/** Local files that a segment may have by now, whatever was known of it: compressed meanwhile, or still recorded. */
export function possibleCandidates(): Candidate[] {
  const partly: Candidate = { form: "wav", extension: "wav.part", bytes: 0 };
  const finished = (["flac", "wav", "bin", "opus"] as const).map(localCandidate);
  return [...finished, partly].map((candidate) => ({ ...candidate, isGuess: true }));
}

/** `wav on disk`, `flac in the store` */
export function nameOf({ form, extension }: Candidate): string {
  return extension === undefined ? `${form} in the store` : `${extension} on disk`;
}

function localCandidate(form: Form): Candidate {
  return { form, extension: form, bytes: 0 };
}

function rank(form: Form): number {
  return EXACT.indexOf(form);
}

/**
 * Reads samples of a segment from one of its forms: whole sample frames, possibly fewer than asked for.
 * @throws whatever is wrong with it
 */
export function readCandidate(
  candidate: Candidate,
  segment: Segment,
  range: SampleRange,
  reading: Reading,
): AsyncIterable<Uint8Array> {
  const { extension, copy } = candidate;
  if (extension !== undefined)
    return readLocal(candidate.form, `${segment.stem}.${extension}`, segment, range, reading);
  return readRemote(candidate.form, copy as RemoteCopy, candidate.bytes, segment, range, reading);
}

async function* readLocal(
  form: Form,
  name: string,
  segment: Segment,
  range: SampleRange,
  reading: Reading,
): AsyncGenerator<Uint8Array> {
  const { dataDir, decode } = reading.sources;
  const file = await openBelow(dataDir, name);
  if (file === undefined) throw new Missing("no such file");
  try {
    if (form === "wav") yield* readWavFile(file, range, reading.format);
    else if (form !== "bin") yield* decoded(form, pathBelow(dataDir, name), range, reading, decode);
    else {
      const { size } = await file.stat();
      const open = async (start: number, end: number) => bytesOf(file, start, end);
      yield* readBin(open, size, range, segment, reading.overhang);
    }
  } finally {
    await file.close();
  }
}

async function* readRemote(
  form: Form,
  copy: RemoteCopy,
  bytes: number,
  segment: Segment,
  range: SampleRange,
  reading: Reading,
): AsyncGenerator<Uint8Array> {
  const { format, overhang, signal } = reading;
  const { openRemote } = reading.sources;
  if (openRemote === undefined) throw new Unreadable("nothing here reads from a store");
  if (bytes === 0) throw new Unreadable("is empty");
  const open = (start: number, end: number) => openRemote(copy, { start, end, signal });
  const openRange = async (start: number, end: number) => (end > start ? open(start, end) : []);
  if (form === "wav") yield* readRemoteWav(openRange, bytes, range, format);
  else if (form === "bin") yield* readBin(openRange, bytes, range, segment, overhang);
  else yield* decodedStream(form, await open(0, bytes), range, reading);
}

// A decoder may have enough, or give up, before the stream ends; whatever happens to it then is heard here.
async function* decodedStream(
  form: "flac" | "opus",
  stream: Readable,
  range: SampleRange,
  reading: Reading,
): AsyncGenerator<Uint8Array> {
  let failure: Error | undefined;
  stream.on("error", (error) => {
    failure = error;
  });
  try {
    yield* decoded(form, stream, range, reading, reading.sources.decode);
    if (failure !== undefined) throw failure;
  } finally {
    stream.destroy();
  }
}

function decoded(
  form: "flac" | "opus",
  input: string | Readable,
  { from, samples }: SampleRange,
  { format, signal }: Reading,
  decode: DecodeAudio | undefined,
): AsyncIterable<Uint8Array> {
  if (decode === undefined) throw new Unreadable("nothing here decodes it");
  const unit = frameBytesOf(format);
  const chunks = decode(input, { form, from, samples, format, signal });
  return wholeUnits(chunks, { unit, skip: 0, limit: samples * unit });
}
