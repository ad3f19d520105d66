import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import type { RemoteCopy } from "@audio/archive";
import type { FastifyReply } from "fastify";
import { notFound, WebFailure } from "../web-failure.js";
import type { AudioForm, FoundFile } from "./find-file.js";
import type { Playback } from "./playback.js";
import type { Resource } from "./send-bytes.js";

const TYPES: Readonly<Record<AudioForm, string>> = {
  wav: "audio/wav",
  flac: "audio/flac",
  opus: "audio/ogg; codecs=opus",
};
// A named pipe would wait for ever, a link may lead anywhere.
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
const READ_BYTES = 128 * 1024;

type Found = Exclude<FoundFile, { insteadName: string }>;

/**
 * A segment's file, from the disk or else from the store.
 * @param reply the file is open until this is answered
 * @throws WebFailure 404 when it is in neither
 */
export async function storedFile(
  { segment, form }: Found,
  { sources, hasStore }: Playback,
  reply: FastifyReply,
): Promise<Resource> {
  const type = TYPES[form.form];
  const file = form.local ? await openInside(sources.dataDir, `${segment.stem}.${form.form}`) : undefined;
  if (file !== undefined) return fromDisk(file, type, reply);
  if (form.remote === undefined) throw notFound();
  if (!hasStore)
    throw new WebFailure(503, "it is in the bucket alone, and uploading is off here, so that is not known");
  const modifiedMs = Math.floor(segment.endUs / 1000);
  return { type, ...fromStore(form.remote, form.bytes, sources), modifiedMs };
}

async function fromDisk(file: FileHandle, type: string, { raw }: FastifyReply): Promise<Resource> {
  if (raw.destroyed) await file.close();
  else raw.once("close", () => void file.close());
  const { ino, size, mtimeMs } = await file.stat();
  const etag = `"${[ino, size, mtimeMs].map((n) => n.toString(36)).join("-")}"`;
  return { type, size, etag, modifiedMs: mtimeMs, read: (start, end) => bytesOf(file, start, end) };
}

async function* bytesOf(file: FileHandle, start: number, end: number): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; ) {
    const chunk = Buffer.allocUnsafe(Math.min(READ_BYTES, end - at));
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) return;
    yield chunk.subarray(0, bytesRead);
    at += bytesRead;
  }
}

function fromStore(copy: RemoteCopy, size: number, { openRemote }: Playback["sources"]) {
  const etag = `"${createHash("sha1")
    .update(JSON.stringify([copy, size]))
    .digest("base64url")}"`;
  async function* read(start: number, end: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    if (openRemote === undefined || end === start) return;
    try {
      yield* await openRemote(copy, { start, end, signal });
    } catch (error) {
      if (signal.aborted) throw error;
      throw new WebFailure(
        502,
        "the bucket does not give it at the moment: try again, or look at the bucket",
      );
    }
  }
  return { size, etag, read };
}

/** Opens a regular file that lies in the directory, also when all links on the way are followed. */
async function openInside(dataDir: string, name: string): Promise<FileHandle | undefined> {
  const path = join(dataDir, name);
  const file = await open(path, FLAGS).catch((error: NodeJS.ErrnoException) => {
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(error.code ?? "")) return undefined;
    throw error;
  });
  if (file === undefined || (await isInside(file, path, dataDir))) return file;
  await file.close();
  return undefined;
}

// Compared by number: the way there may be another one by now.
async function isInside(file: FileHandle, path: string, dataDir: string): Promise<boolean> {
  const [opened, real, root] = await Promise.all([file.stat(), realpath(path), realpath(dataDir)]);
  if (!opened.isFile() || !real.startsWith(root + sep)) return false;
  const { dev, ino } = await stat(real);
  return dev === opened.dev && ino === opened.ino;
}
