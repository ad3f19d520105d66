import { stat } from "node:fs/promises";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  type AudioSources,
  openVirtualWav,
  type PlayFormat,
  type RangePlan,
  type ReadNote,
  readRange,
} from "@audio/archive";
import { formatMetadata, type RecordingMetadata } from "@audio/wav";
import { ReceiverError } from "../errors.js";
import { OutputFile } from "./output-file.js";

export const EXPORT_FORMATS = ["wav", "flac", "opus"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** What is to be encoded. */
export interface EncodeRequest {
  readonly format: "flac" | "opus";
  readonly pcm: PlayFormat;
  readonly metadata: RecordingMetadata;
  readonly signal: AbortSignal;
}

/** Encodes PCM into a file, which exists and is empty, or into a stream, which it does not end. */
export type Encode = (
  chunks: AsyncIterable<Uint8Array>,
  output: string | Writable,
  request: EncodeRequest,
) => Promise<void>;

export interface ExportOptions {
  readonly plan: RangePlan;
  /** What stands in the file about it. */
  readonly metadata: RecordingMetadata;
  readonly sources: AudioSources;
  readonly encode: Encode;
  readonly format: ExportFormat;
  /** A path, or a stream, which is not ended. */
  readonly out: string | Writable;
  /** Replaces a file that exists. */
  readonly force: boolean;
  readonly signal: AbortSignal;
  /** Sample frames read so far. */
  readonly onProgress?: (samples: number) => void;
}

export interface Exported {
  /** Size of the file; undefined for what was encoded into a stream. */
  readonly bytes: number | undefined;
  /** What could not be read as it was planned. */
  readonly notes: readonly ReadNote[];
}

/**
 * Writes what a plan plays into one file, in constant memory. A file is there when it is complete, or not at all.
 * @throws ReceiverError `export-failed`; ArchiveError `too-large-for-wav`; what `encode` throws; the signal's reason
 */
export async function exportRange(options: ExportOptions): Promise<Exported> {
  const notes: ReadNote[] = [];
  const sources = { ...options.sources, onNote: (note: ReadNote) => notes.push(note) };
  const { out } = options;
  const job = { ...options, sources };
  return { bytes: typeof out === "string" ? await toFile(job, out) : await toStream(job, out), notes };
}

async function toFile(job: ExportOptions, path: string): Promise<number> {
  const wav = job.format === "wav" ? wavOf(job) : undefined;
  const output = await OutputFile.create(path, job.force);
  try {
    if (wav !== undefined) await output.write(wav.chunks);
    else await output.through((partialPath) => encoded(job, partialPath));
    const { size } = await stat(output.partialPath);
    await output.complete();
    return size;
  } catch (error) {
    await output.discard();
    throw error;
  }
}

async function toStream(job: ExportOptions, stream: Writable): Promise<number | undefined> {
  if (job.format === "wav") {
    const { chunks, bytes } = wavOf(job);
    await explained(pipeline(chunks, stream, { end: false }));
    return bytes;
  }
  await explained(encoded(job, stream));
  return undefined;
}

function explained(writing: Promise<void>): Promise<void> {
  return writing.catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    throw new ReceiverError("export-failed", "whoever read the output went away before its end", {
      cause: error,
    });
  });
}

function wavOf(job: ExportOptions): { chunks: AsyncIterable<Uint8Array>; bytes: number } {
  const { plan, sources, metadata, signal } = job;
  const unit = (plan.format.channels * plan.format.bitsPerSample) / 8;
  const wav = openVirtualWav(plan, sources, formatMetadata(metadata, plan.samples * unit));
  return { chunks: counted(wav.read(0, wav.bytes, { signal }), job), bytes: wav.bytes };
}

function encoded(job: ExportOptions, output: string | Writable): Promise<void> {
  const { plan, sources, metadata, signal } = job;
  const format = job.format as EncodeRequest["format"];
  const chunks = counted(readRange(plan, sources, { signal }), job);
  return job.encode(chunks, output, { format, pcm: plan.format, metadata, signal });
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  { plan, onProgress }: ExportOptions,
): AsyncGenerator<Uint8Array> {
  const unit = (plan.format.channels * plan.format.bitsPerSample) / 8;
  let bytes = 0;
  for await (const chunk of chunks) {
    yield chunk;
    bytes += chunk.length;
    onProgress?.(Math.min(plan.samples, Math.floor(bytes / unit)));
  }
}
