import { stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { numberedStem } from "@audio/segments";
import { exists, FINISHED_EXTENSIONS } from "../recording/finished-names.js";
import type { JournalImage } from "./image.js";
import type { Postscript } from "./postscript.js";
import type { SegmentNote } from "./records.js";

/**
 * Gives segments that have no file yet their names: paths below the data directory, without extension. It is on disk
 * which they are when this resolves, so that doing it all again gives no segment a second file.
 */
export type NameSegments = (plans: readonly SegmentNote[]) => Promise<readonly string[]>;

/** Names for what earlier runs have left in `dataDir` (absolute), where nobody is recording. */
export function namingAfterwards(dataDir: string, image: JournalImage, postscript: Postscript): NameSegments {
  return async (plans) => {
    const taken = new Set(knownStems(image));
    const stems: string[] = [];
    for (const { name } of plans) stems.push(await freeStem(dataDir, name, taken));
    const named = plans.map(
      ({ session, segment }, i) => ({ kind: "named", session, segment, stem: stems[i] }) as const,
    );
    await postscript.write(named);
    return stems;
  };
}

// Their files may be empty still, and are theirs all the same.
function* knownStems({ files, sessions }: JournalImage): Generator<string> {
  yield* files.keys();
  for (const { segments } of sessions.values())
    for (const { stem } of segments.values()) if (stem !== undefined) yield stem;
}

// A crash may come between the claim of a name and the note of it: then an empty .part holds the name, which comes
// before those that follow in time.
async function freeStem(dataDir: string, name: string, taken: Set<string>): Promise<string> {
  for (let n = 1; ; n++) {
    const path = join(dataDir, numberedStem(name, n));
    const stem = relative(dataDir, path);
    if (taken.has(stem) || !(await isUnused(path))) continue;
    taken.add(stem);
    return stem;
  }
}

async function isUnused(path: string): Promise<boolean> {
  const extensions = [...FINISHED_EXTENSIONS, ".bin.part"];
  const there = await Promise.all(extensions.map((extension) => exists(path + extension)));
  return !there.includes(true) && (await isEmptyOrMissing(`${path}.wav.part`));
}

async function isEmptyOrMissing(path: string): Promise<boolean> {
  try {
    return (await stat(path)).size === 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return true;
    throw error;
  }
}
