import { join } from "node:path";
import { exists, FINISHED_EXTENSIONS } from "../recording/finished-names.js";
import {
  type JournalImage,
  readGeneration,
  type SegmentImage,
  type SessionImage,
  type Unfinished,
} from "./image.js";
import type { NameSegments } from "./naming.js";
import type { Run } from "./records.js";
import { decodeRun } from "./run-audio.js";
import { type Redone, SegmentRewrite } from "./segment-rewrite.js";

// Each has two files open meanwhile.
const SEGMENTS_AT_ONCE = 128;
// The .bin gets its name before the WAV: alone it finishes nothing.
const AUDIO_EXTENSIONS = FINISHED_EXTENSIONS.filter((extension) => extension !== ".bin");

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
  name: NameSegments,
): Promise<Redone[]> {
  const { named, refused } = await nameAll(wanted.filter(isWorthAFile), name);
  const redone: Redone[] = [...refused];
  for (let i = 0; i < named.length; i += SEGMENTS_AT_ONCE) {
    redone.push(...(await redoSome(dataDir, image, named.slice(i, i + SEGMENTS_AT_ONCE))));
  }
  return redone;
}

function isWorthAFile({ session, segment }: Unfinished): boolean {
  return segment.stem !== undefined || endOf(session, segment) > segment.plan.startIndex;
}

async function nameAll(
  wanted: readonly Unfinished[],
  name: NameSegments,
): Promise<{ named: Unfinished[]; refused: Redone[] }> {
  const named = wanted.filter(({ segment }) => segment.stem !== undefined);
  const nameless = wanted.filter(({ segment }) => segment.stem === undefined);
  if (nameless.length === 0) return { named, refused: [] };
  try {
    const stems = await name(nameless.map(({ segment }) => segment.plan));
    const fresh = nameless.map(({ session, segment }, i) => ({
      session,
      segment: { ...segment, stem: stems[i] },
    }));
    return { named: [...named, ...fresh], refused: [] };
  } catch (error) {
    const refused = nameless.map((unfinished) => ({
      ...unfinished,
      stem: undefined,
      error: error as Error,
    }));
    return { named, refused };
  }
}

async function redoSome(
  dataDir: string,
  image: JournalImage,
  wanted: readonly Unfinished[],
): Promise<Redone[]> {
  const rewrites = new Rewrites();
  for (const { session, segment } of wanted) {
    const stem = join(dataDir, segment.stem as string);
    const endIndex = endOf(session, segment);
    if (!(await isFinished(stem))) rewrites.add(new SegmentRewrite({ session, segment, stem, endIndex }));
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

// A crash may come between a segment's last rename and the note of it, and by then it may be compressed.
async function isFinished(path: string): Promise<boolean> {
  const found = await Promise.all(AUDIO_EXTENSIONS.map((extension) => exists(path + extension)));
  return found.includes(true) && !(await exists(`${path}.wav.part`));
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
