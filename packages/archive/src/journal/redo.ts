import { stat } from "node:fs/promises";
import { join } from "node:path";
import { numberedStem } from "@audio/segments";
import { exists, FINISHED_EXTENSIONS } from "../finished-names.js";
import { type JournalImage, readGeneration, type SegmentImage, type SessionImage } from "./image.js";
import type { Run } from "./records.js";
import { decodeRun } from "./run-audio.js";
import { SegmentRewrite } from "./segment-rewrite.js";

/** An unfinished segment of a session, to be made whole from the journal. */
export interface Unfinished {
  readonly session: SessionImage;
  readonly segment: SegmentImage;
}

/** What became of it. */
export interface Redone extends Unfinished {
  /** Absolute path without extension. */
  readonly stem: string;
  /** Why the disk did not let it be rewritten. */
  readonly error: Error | undefined;
}

// Each has two files open meanwhile.
const SEGMENTS_AT_ONCE = 128;

/** The segments that the journal tells about and nobody has finished. */
export function unfinishedSegments(image: JournalImage): Unfinished[] {
  return [...image.sessions.values()].flatMap((session) =>
    [...session.segments.values()]
      .filter(({ stem }) => stem === undefined || !image.finished.has(stem))
      .map((segment) => ({ session, segment })),
  );
}

/**
 * Makes the `.part` files of acknowledged segments what the journal says they are: whatever of their audio a crash
 * or a full disk has kept from them is written again, and what was never committed is cut off, because its sender
 * will send it again. Doing it twice changes nothing. Segments that are finished are left out.
 */
export async function redo(
  dataDir: string,
  image: JournalImage,
  wanted: readonly Unfinished[],
): Promise<Redone[]> {
  const redone: Redone[] = [];
  const taken = new Set<string>();
  for (let i = 0; i < wanted.length; i += SEGMENTS_AT_ONCE) {
    redone.push(...(await redoSome(dataDir, image, wanted.slice(i, i + SEGMENTS_AT_ONCE), taken)));
  }
  return redone;
}

async function redoSome(
  dataDir: string,
  image: JournalImage,
  wanted: readonly Unfinished[],
  taken: Set<string>,
): Promise<Redone[]> {
  const rewrites = new Rewrites();
  for (const { session, segment } of wanted) {
    const endIndex = endOf(session, segment);
    if (segment.stem === undefined && endIndex === segment.plan.startIndex) continue;
    const stem =
      segment.stem === undefined
        ? await newStem(dataDir, segment.plan.name, taken)
        : await knownStem(dataDir, segment.stem);
    if (stem !== undefined) rewrites.add(new SegmentRewrite({ session, segment, stem, endIndex }));
  }
  for (const path of image.paths) {
    await readGeneration(path, { note: () => undefined, run: (run) => rewrites.run(run) });
  }
  return Promise.all(rewrites.all.map((rewrite) => rewrite.finish()));
}

// Up to the next segment, silence in place of lost frames included; never beyond what was committed.
function endOf({ note, segments }: SessionImage, { plan }: SegmentImage): number {
  const end = Math.min(note.index, segments.get(plan.segment + 1)?.plan.startIndex ?? note.index);
  return Math.max(end, plan.startIndex);
}

// A crash may come between a segment's last rename and the note of it.
async function knownStem(dataDir: string, stem: string): Promise<string | undefined> {
  const path = join(dataDir, stem);
  const isFinished = (await exists(`${path}.wav`)) && !(await exists(`${path}.wav.part`));
  return isFinished ? undefined : path;
}

// Or before the note of its name: then an empty .part holds the name, which comes before those that follow in time.
async function newStem(dataDir: string, name: string, taken: Set<string>): Promise<string> {
  for (let n = 1; ; n++) {
    const stem = join(dataDir, numberedStem(name, n));
    if (taken.has(stem) || !(await isUnused(stem))) continue;
    taken.add(stem);
    return stem;
  }
}

async function isUnused(stem: string): Promise<boolean> {
  const extensions = [...FINISHED_EXTENSIONS, ".bin.part"];
  const there = await Promise.all(extensions.map((extension) => exists(stem + extension)));
  return !there.includes(true) && (await isEmptyOrMissing(`${stem}.wav.part`));
}

async function isEmptyOrMissing(path: string): Promise<boolean> {
  try {
    return (await stat(path)).size === 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return true;
    throw error;
  }
}

/** The rewrites of some segments, each of which takes its share of every run. */
class Rewrites {
  readonly all: SegmentRewrite[] = [];
  readonly #bySession = new Map<number, SegmentRewrite[]>();

  add(rewrite: SegmentRewrite): void {
    this.all.push(rewrite);
    const id = rewrite.session.note.id;
    this.#bySession.set(id, [...(this.#bySession.get(id) ?? []), rewrite]);
  }

  async run(run: Run): Promise<void> {
    const concerned = this.#bySession.get(run.session)?.filter((rewrite) => rewrite.wants(run)) ?? [];
    if (concerned.length === 0) return;
    const samples = decodeRun(run, concerned[0].session.note.format);
    for (const rewrite of concerned) await rewrite.write(run, samples);
  }
}
