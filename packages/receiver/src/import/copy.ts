import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, link, open, rm, utimes } from "node:fs/promises";
import { ReceiverError } from "../errors.js";
import { gunzipHead, gunzipTo } from "./gunzip.js";
import { unpackedFacts } from "./old-facts.js";
import { withOldFile, writeAll } from "./open-old.js";
import type { PlannedFile, PlannedSegment } from "./planned.js";
import { bytesOf, type Piece } from "./wav-survey.js";

export interface CopyOptions {
  /** Absolute path, which does not exist. */
  readonly target: string;
  readonly signal: AbortSignal;
  /** So many bytes more are written. */
  readonly onBytes: (bytes: number) => void;
}

const READ_BYTES = 1_048_576;

/**
 * Writes the copy of a file, and forces it to the disk.
 * @returns its SHA-256, hex
 * @throws ReceiverError `import-failed`: the file is not what it was when it was looked at; error of the file system
 */
export async function writeCopy(
  file: PlannedFile,
  segment: PlannedSegment,
  options: CopyOptions,
): Promise<string> {
  const output = await open(options.target, "wx");
  try {
    const sha256 = await fill(output, file, segment, options);
    await output.sync();
    return sha256;
  } finally {
    await output.close();
    const endMs = segment.samples === 0 ? segment.writtenMs : endOf(segment);
    await utimes(options.target, endMs / 1000, endMs / 1000);
  }
}

// Where nothing else tells the second in which a recording began, the last write less its length does.
function endOf({ startUs, samples, sampleRate }: PlannedSegment): number {
  return startUs / 1000 + (samples * 1000) / sampleRate;
}

function fill(
  output: FileHandle,
  file: PlannedFile,
  segment: PlannedSegment,
  options: CopyOptions,
): Promise<string> {
  if (file.file.form === "wav.gz") return fillUnpacked(output, file, segment, options);
  return withOldFile(file.file.path, async (input) => {
    const sha256 = await copyPieces(input, output, file.pieces(segment.metadata), options);
    await requireUnchanged(input, file);
    return sha256;
  });
}

async function fillUnpacked(
  output: FileHandle,
  { file }: PlannedFile,
  segment: PlannedSegment,
  options: CopyOptions,
): Promise<string> {
  const unpacked = `${options.target}.unpacked`;
  try {
    await gunzipTo(file, unpacked, (await gunzipHead(file)).size, options.signal);
    const facts = await unpackedFacts(file, unpacked);
    if (typeof facts === "string" || facts.audio?.samples !== segment.samples) throw changed(file.path);
    return await withOldFile(unpacked, (input) =>
      copyPieces(input, output, facts.pieces(segment.metadata), options),
    );
  } finally {
    await rm(unpacked, { force: true });
  }
}

async function copyPieces(
  input: FileHandle,
  output: FileHandle,
  pieces: readonly Piece[],
  options: CopyOptions,
): Promise<string> {
  const hash = createHash("sha256");
  for (const piece of pieces) {
    if ("from" in piece) await copyRange(input, output, piece, hash, options);
    else {
      await writeAll(output, piece);
      hash.update(piece);
      options.onBytes(piece.length);
    }
  }
  return hash.digest("hex");
}

async function copyRange(
  input: FileHandle,
  output: FileHandle,
  { from, to }: { readonly from: number; readonly to: number },
  hash: Hash,
  { signal, onBytes, target }: CopyOptions,
): Promise<void> {
  const buffer = Buffer.alloc(Math.min(READ_BYTES, to - from));
  for (let at = from; at < to; ) {
    signal.throwIfAborted();
    const { bytesRead } = await input.read(buffer, 0, Math.min(buffer.length, to - at), at);
    if (bytesRead === 0) throw changed(target);
    const chunk = buffer.subarray(0, bytesRead);
    await writeAll(output, chunk);
    hash.update(chunk);
    onBytes(bytesRead);
    at += bytesRead;
  }
}

async function requireUnchanged(input: FileHandle, { file }: PlannedFile): Promise<void> {
  const { size, mtimeMs } = await input.stat();
  if (size !== file.bytes || mtimeMs !== file.writtenMs) throw changed(file.path);
}

function changed(path: string): ReceiverError {
  return new ReceiverError("import-failed", `${path} was changed while it was read: import it again`);
}

/** Whether the file itself can stand for its copy. */
export function isWhole({ file, pieces, note }: PlannedFile, { metadata }: PlannedSegment): boolean {
  return note === undefined && file.form !== "wav.gz" && bytesOf(pieces(metadata)) === file.bytes;
}

/**
 * Gives the file a second name.
 * @throws ReceiverError `import-failed`: it lies on another file system, or on one without links
 */
export async function linkFile({ file }: PlannedFile, target: string): Promise<void> {
  try {
    await link(file.path, target);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === "EXDEV" ? "it lies on another file system" : message;
    throw new ReceiverError("import-failed", `${file.path} cannot be linked: ${why}: leave out --link`, {
      cause,
    });
  }
}

/** SHA-256 of a file, hex. */
export async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) hash.update(chunk);
  return hash.digest("hex");
}
