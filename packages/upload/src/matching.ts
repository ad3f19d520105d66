import { createHash } from "node:crypto";
import { digestFile, etagOf, type FileDigest, storedSha256Of } from "./digest.js";
import type { Reaching } from "./link.js";
import type { ObjectInfo } from "./object-info.js";
import { readObject } from "./read.js";
import type { SourceFile } from "./source-file.js";

/**
 * How an object compares with a file: `same` content; `other` content, to be left alone; `corrupt`: it was
 * meant to be this file, and is not.
 */
export type Match = "same" | "other" | "corrupt";

/** Compares a file with objects; its hashes are computed once. */
export class FileMatcher {
  readonly #digests = new Map<number, Promise<FileDigest>>();

  readonly #partBytes: number;
  readonly #reaching: Reaching;
  readonly #signal: AbortSignal | undefined;

  /** @param partBytes of what is uploaded now */
  constructor(
    readonly file: SourceFile,
    partBytes: number,
    reaching: Reaching,
    signal: AbortSignal | undefined,
  ) {
    this.#partBytes = partBytes;
    this.#reaching = reaching;
    this.#signal = signal;
  }

  digest(partBytes = this.#partBytes): Promise<FileDigest> {
    const known = this.#digests.get(partBytes) ?? digestFile(this.file, partBytes, this.#signal);
    this.#digests.set(partBytes, known);
    return known;
  }

  /**
   * Size first; then what the store keeps of the content: an ETag of MD5s, or a SHA-256. Where it keeps neither, or
   * another than it should be, the object is read back and hashed.
   * @throws UploadError
   */
  async match(object: ObjectInfo): Promise<Match> {
    if (object.bytes !== this.file.size) return "other";
    const digest = await this.digest(object.declaredPartBytes);
    if (object.declaredSha256 !== undefined && object.declaredSha256 !== digest.sha256) return "other";
    if (vouchedFor(object, digest)) return "same";
    const foreign = object.declaredSha256 === undefined;
    if (foreign && object.etagIsMd5 && !isMultipart(object)) return "other";
    if ((await this.#readBack(object.key)) === digest.sha256) return "same";
    return foreign ? "other" : "corrupt";
  }

  async #readBack(key: string): Promise<string> {
    const { stream } = await readObject(this.#reaching, key, { signal: this.#signal });
    const hash = createHash("sha256");
    for await (const chunk of stream) hash.update(chunk as Buffer);
    return hash.digest("hex");
  }
}

function vouchedFor(object: ObjectInfo, digest: FileDigest): boolean {
  const multipart = isMultipart(object);
  if (object.etagIsMd5 && object.etag === etagOf(digest, multipart)) return true;
  return object.storedSha256 !== undefined && object.storedSha256 === storedSha256Of(digest, multipart);
}

function isMultipart({ etag, storedSha256 }: ObjectInfo): boolean {
  return /-\d+$/.test(etag) || /-\d+$/.test(storedSha256 ?? "");
}
