import { opendirSync, rmdirSync, unlinkSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import type { Catalogue, Form, LocalSegment } from "@audio/archive";

/** What goes of a segment. */
export type DeletedSegment = Pick<LocalSegment, "id" | "stem" | "forms">;

/** A file that could not be deleted. */
export interface Refusal {
  readonly segment: DeletedSegment;
  readonly path: string;
  readonly error: NodeJS.ErrnoException;
}

/** What a deletion did, and what could not be deleted. */
export interface Deleted {
  /** Of segments that have no file here any more. */
  readonly segments: number;
  /** Of the files that went. */
  readonly bytes: number;
  readonly refused: readonly Refusal[];
}

export interface DeleteOptions<Segment extends DeletedSegment = DeletedSegment> {
  /** A file is gone also where nothing is at all, as after a crash in the middle of this. */
  readonly acceptMissing?: boolean;
  /** Writes to the catalogue what else is to be true of segments whose files are gone, before they go from it. */
  readonly commit?: (gone: readonly Segment[]) => void;
}

/**
 * Deletes the files of segments, then takes them out of the catalogue: in between, a crash leaves a catalogue that
 * knows of files which are gone, as a scan finds out. Folders that become empty go too.
 * @param dataDir absolute
 */
export function deleteSegments<Segment extends DeletedSegment>(
  dataDir: string,
  catalogue: Catalogue,
  segments: readonly Segment[],
  { acceptMissing = false, commit }: DeleteOptions<Segment> = {},
): Deleted {
  const gone: { readonly id: number; readonly form: Form }[] = [];
  const refused: Refusal[] = [];
  let bytes = 0;
  // Synchronously: the threads that Node keeps for asynchronous calls are those that write the recordings.
  for (const segment of segments) {
    for (const { form, bytes: size } of binFirst(segment)) {
      const path = join(dataDir, `${segment.stem}.${form}`);
      try {
        bytes += remove(dataDir, path, acceptMissing) ? size : 0;
        gone.push({ id: segment.id, form });
      } catch (error) {
        refused.push({ segment, path, error: error as NodeJS.ErrnoException });
      }
    }
  }
  const kept = new Set<DeletedSegment>(refused.map(({ segment }) => segment));
  catalogue.transaction(() => {
    commit?.(segments.filter((segment) => !kept.has(segment)));
    for (const { id, form } of gone) catalogue.segments.removeLocal(id, form);
  });
  const folders = new Set(segments.map(({ stem }) => dirname(join(dataDir, stem))));
  for (const folder of folders) removeEmpty(dataDir, folder);
  return { segments: segments.length - kept.size, bytes, refused };
}

// Frames that are left alone would be found as a recording of their own.
function binFirst({ forms }: DeletedSegment): DeletedSegment["forms"] {
  return [...forms].sort((a, b) => Number(b.form === "bin") - Number(a.form === "bin"));
}

/** @returns false: it was gone already */
function remove(dataDir: string, path: string, acceptMissing: boolean): boolean {
  if (!path.startsWith(dataDir + sep)) throw new Error(`it is not below ${dataDir}`);
  try {
    unlinkSync(path);
    return true;
  } catch (error) {
    // Where nothing is at all, a disk may not be mounted: what was on it is not gone.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    if (!acceptMissing && isEmpty(dirname(path))) throw error;
    return false;
  }
}

function isEmpty(folder: string): boolean {
  try {
    const open = opendirSync(folder);
    const first = open.readSync();
    open.closeSync();
    return first === null;
  } catch {
    return true; // it is not even there
  }
}

// Folders right below the data directory stay: recording, which is about to make files there, would make them again.
function removeEmpty(dataDir: string, folder: string): void {
  if (!dirname(folder).startsWith(dataDir + sep)) return;
  try {
    rmdirSync(folder);
  } catch {
    return; // something is in it, or it is gone, or may not go: nothing depends on it
  }
  removeEmpty(dataDir, dirname(folder));
}
