import { join, relative } from "node:path";
import type { PromisedFs } from "../disk/promised-fs.js";
import { describeSegment, readImage, type Unfinished } from "../journal/image.js";
import type { Journal } from "../journal/journal.js";
import type { JournaledSegment } from "../journal/journaled-segment.js";
import type { OpenNote, SegmentNote } from "../journal/records.js";
import { redo, unfinishedSegments } from "../journal/redo.js";
import type { SegmentNames } from "../recording/segment-names.js";
import { type RecoveredFile, recoverSegment } from "./recovery.js";

export interface SalvageOptions {
  /** Absolute path. */
  readonly dataDir: string;
  /** Absolute path of the journal's folder. */
  readonly journalFolder: string;
  readonly journal: Journal;
  readonly names: SegmentNames;
  readonly promised: PromisedFs;
  /** Resolves when everything of the session of this number is in the journal. */
  readonly settled: (session: number) => Promise<void>;
  readonly isDiskWell: () => boolean;
  readonly onRecovered: (file: RecoveredFile) => void;
}

/** Segments whose disk failed, until it is well again: then they are repaired like after a crash. */
export class Salvage {
  readonly #options: SalvageOptions;
  readonly #waiting = new Set<JournaledSegment>();
  #running: Promise<void> = Promise.resolve();

  constructor(options: SalvageOptions) {
    this.#options = options;
  }

  /** Takes a segment that could not be finished. */
  add(segment: JournaledSegment): void {
    this.#waiting.add(segment);
    if (this.#options.isDiskWell()) this.run(); // it took longer to fail than the disk to get well
  }

  /** The disk is well: what waits is repaired. */
  run(): void {
    this.#running = this.#running.then(() => this.#repairAll());
  }

  idle(): Promise<void> {
    return this.#running;
  }

  // What cannot be repaired now stays .part, and is tried again when the disk next gets well or at the next start.
  async #repairAll(): Promise<void> {
    const segments = [...this.#waiting];
    this.#waiting.clear();
    const redone = await this.#redo(segments.filter(({ session }) => session !== undefined));
    for (const segment of segments) {
      const { stem, error, file } = redone.get(segment) ?? asItIs(segment);
      const isDone = error === undefined && (stem === undefined || (await this.#repair(stem, file)));
      if (isDone) this.#options.journal.finished(segment);
      else this.#waiting.add(segment);
    }
  }

  /** Writes the audio of acknowledged segments again, from the journal. */
  async #redo(segments: readonly JournaledSegment[]): Promise<Map<JournaledSegment, Redone>> {
    const { dataDir, journalFolder } = this.#options;
    const redone = new Map<JournaledSegment, Redone>();
    if (segments.length === 0) return redone;
    const naming = (plans: readonly SegmentNote[]) => this.#name(segments, plans);
    try {
      for (const { session } of segments) await this.#options.settled(session as number);
      const image = await readImage(journalFolder);
      const unfinished = unfinishedSegments(image).filter(among(segments));
      for (const { session, segment: found, stem, error } of await redo(dataDir, image, unfinished, naming)) {
        const segment = segments.find((candidate) => isSame(candidate, found.plan));
        if (segment === undefined) continue;
        const path = stem && relative(dataDir, stem);
        const described = path === undefined ? undefined : describeSegment({ session, segment: found }, path);
        redone.set(segment, { error, stem: path, file: segment.file ?? described });
      }
    } catch (error) {
      for (const segment of segments) redone.set(segment, { ...asItIs(segment), error: error as Error });
    }
    return redone;
  }

  // Others are recording: a name is held by its file from the first moment on.
  async #name(segments: readonly JournaledSegment[], plans: readonly SegmentNote[]): Promise<string[]> {
    const { dataDir, journal, names, promised } = this.#options;
    const stems: string[] = [];
    for (const plan of plans) {
      const segment = segments.find((candidate) => isSame(candidate, plan)) as JournaledSegment;
      const claimed = await names.reclaim(plan.name, segment.tried);
      await promised.close(claimed.fd);
      const stem = relative(dataDir, claimed.stem);
      journal.tell(segment, { kind: "named", session: plan.session, segment: plan.segment, stem });
      stems.push(stem);
    }
    await journal.settled(true);
    return stems;
  }

  async #repair(stem: string, file: OpenNote | undefined): Promise<boolean> {
    const { dataDir, onRecovered } = this.#options;
    let isDone = true;
    for await (const recovered of recoverSegment(dataDir, join(dataDir, stem), file)) {
      if (recovered.outcome === "left") isDone = false;
      onRecovered(recovered);
    }
    return isDone;
  }
}

/** What a redo has made of a segment: its path below the data directory, or why not. */
interface Redone {
  readonly stem: string | undefined;
  readonly error: Error | undefined;
  readonly file: OpenNote | undefined;
}

function asItIs({ file, named }: JournaledSegment): Redone {
  return { stem: file?.stem ?? named?.stem, error: undefined, file };
}

function isSame({ plan }: JournaledSegment, { session, segment }: SegmentNote): boolean {
  return plan?.session === session && plan.segment === segment;
}

function among(segments: readonly JournaledSegment[]): (unfinished: Unfinished) => boolean {
  return ({ segment: { plan } }) => segments.some((segment) => isSame(segment, plan));
}
