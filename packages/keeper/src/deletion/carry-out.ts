import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Segment } from "@audio/archive";
import type { KeeperContext } from "../context.js";
import { type Deleted, deleteSegments } from "../retention/delete-segments.js";
import { queueCopies } from "./copies.js";

const DELETING = "deleting";
// A crash may have left them beside a recording: its audio once more, or a part of it.
const LEFT_OVER = [".flac.part", ".opus.part"];

/**
 * Deletes the files of segments, takes them out of the catalogue with their jobs and sounds, and queues their copies
 * in the store. Cut off by a crash, `resumeDeletion` goes on.
 */
export function carryOut(context: KeeperContext, segments: readonly Segment[]): Deleted {
  const { notes } = context.catalogue;
  notes.setMark(DELETING, JSON.stringify(segments.map(({ id }) => id)));
  return removeMarked(context, segments, false);
}

/** Ends the deletion that a crash has cut off; before anything else looks at the files. */
export function resumeDeletion(context: KeeperContext): void {
  const { notes, segments } = context.catalogue;
  const ids = JSON.parse(notes.mark(DELETING) ?? "[]") as number[];
  const left = ids.map((id) => segments.byId(id)).filter((segment) => segment !== undefined);
  if (left.length > 0) removeMarked(context, left, true);
}

function removeMarked(context: KeeperContext, segments: readonly Segment[], acceptMissing: boolean): Deleted {
  const { catalogue, settings, now } = context;
  const { dataDir, upload } = settings;
  for (const { stem } of segments)
    for (const suffix of LEFT_OVER) rmSync(join(dataDir, stem + suffix), { force: true });
  return deleteSegments(dataDir, catalogue, segments.map(withLocalForms), {
    acceptMissing,
    commit(gone) {
      for (const { segment } of gone) {
        const { id, device, streamId, startUs, endUs } = segment;
        queueCopies(catalogue, segment, upload, now());
        catalogue.jobs.dropFor(id);
        catalogue.sounds.remove(device, streamId, startUs, endUs);
      }
      catalogue.notes.setMark(DELETING, "[]");
    },
  });
}

function withLocalForms(segment: Segment) {
  const { id, stem, forms } = segment;
  return { id, stem, forms: forms.filter(({ local }) => local), segment };
}
