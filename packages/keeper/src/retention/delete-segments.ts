import { opendirSync, rmdirSync, unlinkSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import type { Catalogue, Form, LocalSegment } from "@audio/archive";

/** A file that could not be deleted. */
export interface Refusal {
  readonly segment: LocalSegment;
  readonly path: string;
  readonly error: NodeJS.ErrnoException;
}

export interface Deleted {
  /** Of segments that have no file here any more. */
  readonly segments: number;
  /** Of the files that went. */
  readonly bytes: number;
  readonly refused: readonly Refusal[];
}

/**
 * Deletes the files of segments, then takes them out of the catalogue: in between, a crash leaves a catalogue that
 * knows of files which are gone, as a scan finds out. Folders that become empty go too.
 * @param dataDir absolute
 */
export function deleteSegments(
  dataDir: string,
  catalogue: Catalogue,
  segments: readonly LocalSegment[],
): Deleted {
  const gone: { readonly id: number; readonly form: Form }[] = [];
  const refused: Refusal[] = [];
  let bytes = 0;
  // Synchronously: the threads that Node keeps for asynchronous calls are those that write the recordings.
  for (const segment of segments) {
    for (const { form, bytes: size } of segment.forms) {
      const path = join(dataDir, `${segment.stem}.${form}`);
      try {
        bytes += remove(dataDir, path) ? size : 0;
        gone.push({ id: segment.id, form });
      } catch (error) {
        refused.push({ segment, path, error: error as NodeJS.ErrnoException });
      }
    }
  }
  catalogue.transaction(() => {
    for (const { id, form } of gone) catalogue.segments.removeLocal(id, form);
  });
  const folders = new Set(segments.map(({ stem }) => dirname(join(dataDir, stem))));
  for (const folder of folders) removeEmpty(dataDir, folder);
  const kept = new Set(refused.map(({ segment }) => segment));
  return { segments: segments.length - kept.size, bytes, refused };
}

/** @returns false: it was gone already */
function remove(dataDir: string, path: string): boolean {
  if (!path.startsWith(dataDir + sep)) throw new Error(`it is not below ${dataDir}`);
  try {
    unlinkSync(path);
    return true;
  } catch (error) {
    // Where nothing is at all, a disk may not be mounted: what was on it is not gone.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || isEmpty(dirname(path))) throw error;
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
