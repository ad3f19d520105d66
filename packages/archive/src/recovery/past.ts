import { join, relative } from "node:path";
import { describeSegment, type JournalImage, readImage } from "../journal/image.js";
import type { JournaledSegment } from "../journal/journaled-segment.js";
import { namingAfterwards } from "../journal/naming.js";
import { Postscript } from "../journal/postscript.js";
import type { HeardNote, OpenNote } from "../journal/records.js";
import { redo, unfinishedSegments } from "../journal/redo.js";
import type { Redone } from "../journal/segment-rewrite.js";
import { deviceKey } from "./heard-devices.js";
import { type RecoveredFile, recoverParts } from "./recovery.js";

/** What earlier runs have left. */
export interface Past {
  /** Absolute path. */
  readonly journalFolder: string;
  readonly image: JournalImage;
  /** Segments that the disk did not let be finished now. */
  readonly left: readonly JournaledSegment[];
}

// Of no use to people, so out of their sight.
const JOURNAL = ".journal";
const PART = /\.(wav|bin)\.part$/;

/**
 * Finishes what a crash left below `dataDir` (absolute): acknowledged audio from the journal, then every `.part`
 * there is. Nobody may be recording meanwhile (see `lockDataDir`).
 */
export async function recoverDataDir(
  dataDir: string,
  onRecovered: (file: RecoveredFile) => void,
): Promise<Past> {
  const journalFolder = join(dataDir, JOURNAL);
  const image = await readImage(journalFolder);
  const postscript = new Postscript(journalFolder, image);
  const naming = namingAfterwards(dataDir, image, postscript);
  const redone = await redo(dataDir, image, unfinishedSegments(image), naming);
  const isRefused = ({ error }: Redone) => error !== undefined;
  const left = new Set(redone.filter(isRefused).map(({ stem }) => stem));
  const heard = new Map(image.heard);
  for (const note of image.files.values()) hear(heard, note, 0);
  const redoneAt = new Map(redone.map((segment) => [segment.stem, segment]));
  const describe = (path: string) => {
    const stem = relative(dataDir, path);
    const segment = redoneAt.get(path);
    return image.files.get(stem) ?? (segment && describeSegment(segment, stem));
  };
  for await (const file of recoverParts(dataDir, describe, new Set(left))) {
    const stem = file.part.replace(PART, "");
    if (file.outcome === "left") left.add(stem);
    const note = describe(stem);
    if (note !== undefined) hear(heard, note, file.audioBytes / note.frameBytes);
    onRecovered(file);
  }
  // Somebody may take them away before the next run begins: they must not be made a second time.
  const done = redone.flatMap(({ stem }) => (stem === undefined || left.has(stem) ? [] : stem));
  const notes = done.map((stem) => ({ kind: "done", stem: relative(dataDir, stem) }) as const);
  await postscript.write(notes).catch(ignoreFull);
  const { nextGeneration } = postscript;
  const paths = [...image.paths, ...postscript.paths];
  return {
    journalFolder,
    image: { ...image, paths, nextGeneration, heard },
    left: redone.filter(({ stem }) => left.has(stem)).map((segment) => leftOver(dataDir, segment, image)),
  };
}

// A full disk keeps nobody from starting: as long as the files stand there, it shows by them that they are done.
function ignoreFull(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOSPC" && error.code !== "EDQUOT") throw error;
}

// Its device was sending when the receiver ended, or its last segment would have been finished.
function hear(heard: Map<string, HeardNote>, { metadata }: OpenNote, samples: number): void {
  const key = deviceKey(metadata);
  if (key === undefined) return;
  const endUs = metadata.startUs + Math.round((samples * 1_000_000) / metadata.sampleRate);
  const known = heard.get(key);
  if (known === undefined || known.endUs <= endUs) heard.set(key, { kind: "heard", key, endUs, live: true });
}

function leftOver(
  dataDir: string,
  { segment: { plan }, stem: path }: Redone,
  image: JournalImage,
): JournaledSegment {
  const { session, segment } = plan;
  const stem = path && relative(dataDir, path);
  return {
    session,
    plan,
    file: stem === undefined ? undefined : image.files.get(stem),
    named: stem === undefined ? undefined : { kind: "named", session, segment, stem },
    makeDurable: async () => false,
  };
}
