import { join, relative } from "node:path";
import { deviceKey } from "./heard-devices.js";
import { type JournalImage, readImage } from "./journal/image.js";
import type { JournaledSegment } from "./journal/journaled-segment.js";
import type { HeardNote, OpenNote } from "./journal/records.js";
import { redo, type Unfinished, unfinishedSegments } from "./journal/redo.js";
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
  const redone = await redo(dataDir, image, unfinishedSegments(image));
  const heard = new Map(image.heard);
  for (const note of image.files.values()) hear(heard, note, 0);
  const describe = (stem: string) => image.files.get(relative(dataDir, stem));
  for await (const file of recoverParts(dataDir, describe)) {
    const note = describe(file.part.replace(PART, ""));
    if (note !== undefined) hear(heard, note, file.audioBytes / note.frameBytes);
    onRecovered(file);
  }
  const left = redone.filter(({ error }) => error !== undefined).map((segment) => leftOver(segment, image));
  return { journalFolder, image: { ...image, heard }, left };
}

// Its device was sending when the receiver ended, or its last segment would have been finished.
function hear(heard: Map<string, HeardNote>, { metadata }: OpenNote, samples: number): void {
  const key = deviceKey(metadata);
  if (key === undefined) return;
  const endUs = metadata.startUs + Math.round((samples * 1_000_000) / metadata.sampleRate);
  const known = heard.get(key);
  if (known === undefined || known.endUs <= endUs) heard.set(key, { kind: "heard", key, endUs, live: true });
}

function leftOver({ segment: { plan, stem } }: Unfinished, image: JournalImage): JournaledSegment {
  return {
    session: plan.session,
    plan,
    file: stem === undefined ? undefined : image.files.get(stem),
    makeDurable: async () => false,
  };
}
