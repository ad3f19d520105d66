import { realpath } from "node:fs/promises";
import { type Imported, type Importing, importSegment, removeAll } from "./import-segment.js";
import { planSegment } from "./plan.js";
import type { Plan, PlanContext, PlannedSegment } from "./planned.js";
import { type LeftOut, walkOld } from "./walk.js";
import { bytesOf } from "./wav-survey.js";

export interface ImportListener {
  /** A segment is in its place. */
  imported(segment: PlannedSegment, done: Imported): void;
  /** A file is not taken. */
  left(file: LeftOut): void;
}

/** Decides what becomes of every file of the sources; nothing is written. */
export async function* planAll(sources: readonly string[], context: PlanContext): AsyncGenerator<Plan> {
  const without = await realpath(context.dataDir).catch(() => context.dataDir);
  for (const source of sources) {
    for await (const found of walkOld(source, without)) {
      if ("reason" in found) yield { segment: undefined, left: [found] };
      else yield await planSegment(found, context);
    }
  }
}

/** Bytes that the copies of a segment will have. */
export function bytesOfSegment({ files, metadata }: PlannedSegment): number {
  return files.reduce((sum, { pieces }) => sum + bytesOf(pieces(metadata)), 0);
}

/**
 * Takes over all that is planned. What cannot be read holds up nothing; a disk that takes no more ends it.
 * @throws the signal's reason; ReceiverError; error of the file system
 */
export async function importAll(
  sources: readonly string[],
  importing: Importing,
  listener: ImportListener,
): Promise<void> {
  for await (const { segment, left } of planAll(sources, importing)) {
    importing.signal.throwIfAborted();
    for (const file of left) await leave(file, importing, listener);
    if (segment !== undefined) await take(segment, importing, listener);
  }
}

async function take(segment: PlannedSegment, importing: Importing, listener: ImportListener): Promise<void> {
  try {
    listener.imported(segment, await importSegment(segment, importing));
  } catch (error) {
    if (!isOfOneFile(error) || importing.signal.aborted) throw error;
    const reason = (error as Error).message;
    for (const { file } of segment.files) listener.left({ path: file.path, kind: "broken", reason });
  }
}

// gunzip's own codes, and what the system says of a file that vanished or cannot be read (a bad sector).
const OF_ONE_FILE = /^(Z_|ENOENT$|EACCES$|EIO$|import-failed$)/;

function isOfOneFile(error: unknown): boolean {
  return error instanceof Error && "code" in error && OF_ONE_FILE.test(String(error.code));
}

// A move that was cut off after the copy, or an import that only copied: the old file may go now.
async function leave(file: LeftOut, importing: Importing, listener: ImportListener): Promise<void> {
  if (importing.mode !== "move" || file.old === undefined) return listener.left(file);
  const [kept] = await removeAll([file.old], importing.dataDir, importing.ledger);
  listener.left(
    kept === undefined ? { ...file, reason: `${file.reason}; removed now` } : { ...file, reason: kept },
  );
}
