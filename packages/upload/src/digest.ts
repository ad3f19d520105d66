import { createHash } from "node:crypto";
import type { SourceFile } from "./source-file.js";

/** One part of a file, and what a store checks it by. */
export interface PartDigest {
  readonly start: number;
  /** Behind the last byte. */
  readonly end: number;
  readonly md5: Buffer;
  readonly sha256: Buffer;
}

/** A file's content. */
export interface FileDigest {
  readonly size: number;
  readonly partBytes: number;
  /** Of the whole file. */
  readonly sha256: string;
  /** At least one, also of an empty file. */
  readonly parts: readonly PartDigest[];
}

// "Maximum number of parts per upload: 10,000": Amazon S3 user guide, "Amazon S3 multipart upload limits"
const MOST_PARTS = 10_000;
const MEBIBYTE = 1024 * 1024;

/** Size of the parts of a file: as wished, or larger if there would be more of them than a store takes. */
export function partBytesFor(size: number, wishedBytes: number): number {
  const needed = Math.ceil(size / MOST_PARTS / MEBIBYTE) * MEBIBYTE;
  return Math.max(wishedBytes, needed);
}

/**
 * Reads a file once, in constant memory.
 * @throws UploadError `file-changed`, `file-unreadable`; the signal's reason
 */
export async function digestFile(
  file: SourceFile,
  partBytes: number,
  signal?: AbortSignal,
): Promise<FileDigest> {
  const whole = createHash("sha256");
  const parts: PartDigest[] = [];
  for (let start = 0; start === 0 || start < file.size; start += partBytes) {
    const end = Math.min(start + partBytes, file.size);
    const [md5, sha256] = [createHash("md5"), createHash("sha256")];
    for await (const chunk of file.read(start, end, signal)) {
      md5.update(chunk);
      sha256.update(chunk);
      whole.update(chunk);
    }
    parts.push({ start, end, md5: md5.digest(), sha256: sha256.digest() });
  }
  return { size: file.size, partBytes, sha256: whole.digest("hex"), parts };
}

/**
 * The ETag that a store gives content which it does not encrypt with a key of its own: its MD5, or for parts the MD5
 * of their MD5s and their number.
 */
export function etagOf({ parts }: FileDigest, multipart: boolean): string {
  if (!multipart) return parts[0].md5.toString("hex");
  const md5 = createHash("md5");
  for (const part of parts) md5.update(part.md5);
  return `${md5.digest("hex")}-${parts.length}`;
}

/** The SHA-256 that AWS keeps of an object: of its content, or "composite" of its parts' and their number. */
export function storedSha256Of({ parts }: FileDigest, multipart: boolean): string {
  if (!multipart) return parts[0].sha256.toString("base64");
  const sha256 = createHash("sha256");
  for (const part of parts) sha256.update(part.sha256);
  return `${sha256.digest("base64")}-${parts.length}`;
}
