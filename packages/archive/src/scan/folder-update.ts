import { existsSync } from "node:fs";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import type { Catalogue } from "../catalogue/catalogue.js";
import type { KnownForm, KnownSegment } from "../catalogue/known-files.js";
import type { Form } from "../catalogue/segment.js";
import { below, type FoundSegment } from "./list-folder.js";
import { Pace } from "./pace.js";
import type { ReconcileOptions, ReconcileSums } from "./reconcile-options.js";
import type { Scanned } from "./scan-data-dir.js";
import { isGone } from "./scan-fs.js";
import { readSegmentFacts, type SegmentReading } from "./segment-facts.js";

export interface FolderUpdateOptions extends ReconcileOptions {
  readonly catalogue: Catalogue;
  readonly dataDir: string;
  readonly sums: ReconcileSums;
  readonly pace: Pace;
  /** Throws when the disk with the recordings is not there. */
  readonly requireAll: () => Promise<void>;
}

type Found<Kind extends Scanned["kind"]> = Extract<Scanned, { kind: Kind }>;

// A transaction of so many changes takes some 10 ms; others who write wait as long.
const AT_ONCE = 200;

/** Takes what a scan finds into the catalogue, folder by folder. */
export class FolderUpdate {
  readonly #options: FolderUpdateOptions;
  /** Rows are read without the pace of files, but not all in one go. */
  readonly #rows: Pace;
  #changes: (() => void)[] = [];

  constructor(options: FolderUpdateOptions) {
    this.#options = options;
    this.#rows = new Pace(undefined, options.signal);
  }

  /** Segments of a range of stems of a folder: what is new, what changed, and what is not there any more. */
  async segments({ folder, after, upTo, segments }: Found<"segments">): Promise<void> {
    for (const found of segments) {
      this.#count(found);
      await this.#update(found);
    }
    this.#write();
    const there = new Set(segments.map(({ stem }) => stem));
    await this.#removeOthers(there, this.#options.catalogue.files.localStems(folder, after, upTo));
  }

  /** A folder has been listed: it is remembered, and folders that were in it are gone. */
  async listed({ folder, changedNs, folders }: Found<"listed">): Promise<void> {
    const { catalogue } = this.#options;
    const there = new Set(folders);
    for (const name of catalogue.files.foldersIn(folder)) {
      const path = below(folder, name);
      if (!there.has(path)) await this.#removeBelow(path);
    }
    catalogue.transaction(() => {
      catalogue.notes.setFolder(folder, changedNs);
      for (const path of folders)
        if (catalogue.notes.folderMtimeNs(path) === undefined) catalogue.notes.setFolder(path, 0n);
    });
  }

  #count({ forms }: FoundSegment): void {
    const { sums, onProgress } = this.#options;
    const before = sums.files;
    sums.files += forms.length;
    sums.bytes += forms.reduce((sum, { bytes }) => sum + bytes, 0);
    if (Math.floor(before / AT_ONCE) !== Math.floor(sums.files / AT_ONCE)) onProgress?.(sums);
  }

  // What is new comes first: a segment whose last file goes is forgotten, with its levels.
  async #update(found: FoundSegment): Promise<void> {
    const known = this.#options.catalogue.files.byStem(found.stem);
    const news = found.forms.filter((file) => !known?.forms.some((one) => isSame(one, file)));
    if (known !== undefined && news.length > 0) this.#options.sums.changed++;
    if (
      known === undefined ||
      ((this.#options.reread || tellsMore(known, news)) && !knowsBetter(known, found))
    )
      await this.#read(found, known);
    else if (news.length > 0) this.#add(known, news);
    const isLost = ({ local, form }: KnownForm) => local && !found.forms.some((file) => file.form === form);
    const lost = known?.forms.filter(isLost) ?? [];
    if (known !== undefined && lost.length > 0) await this.#removeGone([{ ...known, forms: lost }]);
  }

  #add({ id, stem }: KnownSegment, files: FoundSegment["forms"]): void {
    const { segments } = this.#options.catalogue;
    this.#change(() => {
      for (const { form, bytes } of this.#stillThere(stem, files)) segments.addLocal(id, form, bytes);
    });
  }

  // The listing may be older than a deletion, after an upload or by retention: then the catalogue knows better. Asked
  // within the transaction, since whoever deletes a file tells the catalogue afterwards.
  #stillThere(stem: string, files: FoundSegment["forms"]): FoundSegment["forms"] {
    return files.filter(({ form }) => existsSync(join(this.#options.dataDir, `${stem}.${form}`)));
  }

  async #read({ stem, forms }: FoundSegment, known: KnownSegment | undefined): Promise<void> {
    const { dataDir, catalogue, sums, onAdded, pace } = this.#options;
    await pace.next();
    const names = forms.map(({ form }) => form);
    const { facts, faults } = await readSegmentFacts(dataDir, stem, names, this.#options);
    this.#tell(faults);
    if (facts === undefined) {
      if (faults.length === 0) sums.foreign += forms.length;
      return;
    }
    const usable = forms.filter(({ form }) => !faults.some((fault) => fault.form === form));
    if (known === undefined) sums.added++;
    this.#change(() => {
      const isNew = known === undefined && catalogue.segments.byStem(stem) === undefined;
      const there = this.#stillThere(stem, usable);
      if (there.length === 0) return;
      const id = catalogue.segments.put(facts, there);
      if (isNew) onAdded?.(id);
    });
  }

  #tell(faults: SegmentReading["faults"]): void {
    this.#options.sums.faults += faults.length;
    for (const { path, reason } of faults) this.#options.onFault?.({ path, reason });
  }

  #change(change: () => void): void {
    this.#changes.push(change);
    if (this.#changes.length >= AT_ONCE) this.#write();
  }

  #write(): void {
    const changes = this.#changes;
    if (changes.length === 0) return;
    this.#changes = [];
    this.#options.catalogue.transaction(() => {
      for (const change of changes) change();
    });
  }

  async #removeOthers(there: ReadonlySet<string>, stems: Iterable<string>): Promise<void> {
    const { files } = this.#options.catalogue;
    let some: KnownSegment[] = [];
    for (const stem of stems) {
      await this.#rows.next();
      const known = there.has(stem) ? undefined : files.byStem(stem);
      if (known !== undefined) some.push(known);
      if (some.length < AT_ONCE) continue;
      await this.#removeGone(some);
      some = [];
    }
    await this.#removeGone(some);
  }

  async #removeBelow(folder: string): Promise<void> {
    const { catalogue } = this.#options;
    let after: string | undefined;
    do {
      const some = catalogue.files.localBelow(folder, after);
      await this.#removeGone(some);
      after = some.at(-1)?.stem;
    } while (after !== undefined);
    for (const path of catalogue.notes.folders())
      if (path === folder || path.startsWith(`${folder}/`)) catalogue.notes.removeFolder(path);
  }

  // The listing may be older than a file; and when the disk went away meanwhile, all of its files seem to be gone.
  async #removeGone(candidates: Iterable<KnownSegment>): Promise<void> {
    const { catalogue, sums, requireAll } = this.#options;
    const gone: { id: number; forms: Form[] }[] = [];
    for (const { id, stem, forms } of candidates) {
      const missing: Form[] = [];
      for (const { form, local } of forms)
        if (local && (await this.#isGone(`${stem}.${form}`))) missing.push(form);
      if (missing.length > 0) gone.push({ id, forms: missing });
    }
    if (gone.length === 0) return;
    await requireAll();
    sums.gone += gone.length;
    for (const { id, forms } of gone)
      this.#change(() => {
        for (const form of forms) catalogue.segments.removeLocal(id, form);
      });
    this.#write();
  }

  async #isGone(path: string): Promise<boolean> {
    await this.#options.pace.next();
    try {
      return !(await lstat(join(this.#options.dataDir, path))).isFile();
    } catch (error) {
      if (isGone(error)) return true;
      throw error;
    }
  }
}

function isSame(known: KnownForm, { form, bytes }: FoundSegment["forms"][number]): boolean {
  return known.local && known.form === form && known.bytes === bytes;
}

// Another size is another content; and a segment that was known by its `.bin` alone was known by its name.
function tellsMore({ forms }: KnownSegment, news: FoundSegment["forms"]): boolean {
  const isChanged = news.some(({ form }) => forms.some((one) => one.local && one.form === form));
  return isChanged || (news.length > 0 && forms.every(({ form }) => form === "bin"));
}

// A name tells less than the metadata of audio that is stored remotely alone.
function knowsBetter({ forms }: KnownSegment, found: FoundSegment): boolean {
  return found.forms.every(({ form }) => form === "bin") && forms.some(({ form }) => form !== "bin");
}
