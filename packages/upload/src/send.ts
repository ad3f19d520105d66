import { Readable } from "node:stream";
import type { PutObjectCommand, UploadPartCommand } from "@aws-sdk/client-s3";
import type { Bandwidth } from "./bandwidth.js";
import type { FileDigest, PartDigest } from "./digest.js";
import type { Link, Requesting } from "./link.js";
import type { SourceFile } from "./source-file.js";
import type { StoreSettings } from "./store-settings.js";
import type { Turns } from "./turns.js";

/** What all transfers of a store share. */
export interface Sending {
  readonly link: Link;
  readonly settings: StoreSettings;
  readonly bandwidth: Bandwidth;
  readonly turns: Turns;
  /** Whether the store takes `If-None-Match: *`; found out when it does not. */
  conditional: boolean;
}

/** One file on its way to one key. */
export interface Transfer {
  readonly file: SourceFile;
  readonly digest: FileDigest;
  readonly key: string;
  readonly contentType: string;
  /** Header values. */
  readonly metadata: Record<string, string>;
  /** ETag of a corrupt object that this replaces; undefined: nothing may be there. */
  readonly replaces: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** Told of bytes that went, and, when a part has to be sent again, of fewer. */
  readonly onSent: (bytes: number) => void;
}

/**
 * Sends a part of a file, or all of it, as the body of the request that `make` makes. The store checks the bytes that
 * arrive, against the hash in the headers.
 */
export async function sendBody<T>(
  { bandwidth, settings }: Sending,
  { file, onSent }: Transfer,
  part: PartDigest,
  requesting: Requesting,
  make: (body: SentBody) => Promise<T>,
): Promise<T> {
  let sent = 0;
  let over = false;
  async function* paced() {
    const { signal, touch } = requesting;
    for await (const chunk of file.read(part.start, part.end, signal, bandwidth.chunkBytes)) {
      await bandwidth.take(chunk.length, signal);
      if (over) return;
      touch();
      sent += chunk.length;
      onSent(chunk.length);
      yield chunk;
    }
  }
  // The SDK pipes it, and a pipe does not carry errors.
  const stream = Readable.from(paced(), { objectMode: false }).on("error", requesting.fail);
  try {
    return await make({ Body: stream, ContentLength: part.end - part.start, ...checksums(settings, part) });
  } catch (error) {
    onSent(-sent);
    throw error;
  } finally {
    over = true;
    stream.destroy();
  }
}

/** The part of a request's input that is its body. */
export interface SentBody {
  readonly Body: Readable;
  readonly ContentLength: number;
  readonly ContentMD5?: string;
  readonly ChecksumSHA256?: string;
}

function checksums({ checksums }: StoreSettings, { md5, sha256 }: PartDigest) {
  if (checksums === "when-supported") return { ChecksumSHA256: sha256.toString("base64") };
  return { ContentMD5: md5.toString("base64") };
}

/** Puts the hash of the body under the signature: the SDK leaves bodies that are streams unsigned. */
export function signBody<C extends PutObjectCommand | UploadPartCommand>(command: C, part: PartDigest): C {
  const stack = command.middlewareStack as PutObjectCommand["middlewareStack"];
  const signed = { "x-amz-content-sha256": part.sha256.toString("hex") };
  stack.add(
    (next) => (args) => {
      Object.assign((args.request as { headers: Record<string, string> }).headers, signed);
      return next(args);
    },
    { step: "build", name: "signBody" },
  );
  return command;
}
