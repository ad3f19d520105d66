import { join } from "node:path";
import type { Form } from "../catalogue/segment.js";
import type { Pace } from "./pace.js";
import { isGone, type ScanFs } from "./scan-fs.js";
import { SmallestStems, type StemForms } from "./smallest-stems.js";

/** A file of a segment that stands in a folder. */
export interface FoundForm {
  readonly form: Form;
  readonly bytes: number;
}

/** The files of one segment that stand in a folder. */
export interface FoundSegment {
  /** Path below the data directory without extension, with `/`. */
  readonly stem: string;
  readonly forms: readonly FoundForm[];
}

/** The segments of a folder whose stems lie in a range. */
export interface FoundRange {
  /** Behind this stem; undefined: from the first on. */
  readonly after: string | undefined;
  /** Up to this stem, which is in it; undefined: up to the last. */
  readonly upTo: string | undefined;
  readonly segments: readonly FoundSegment[];
}

export interface ListOptions {
  readonly fs: ScanFs;
  /** Absolute path of the folder. */
  readonly path: string;
  /** The same below the data directory, with `/`; empty for itself. */
  readonly folder: string;
  readonly pace: Pace;
  /** Stems kept in memory at a time: a folder that has more is read again for the rest. */
  readonly rangeStems: number;
  /** Told the name of each folder in it, once. */
  readonly onFolder: (name: string) => void;
}

// A segment that has a `.part` yet is not finished, whatever else stands there of it.
const FILE = /^([^.].*)\.(?:(wav|flac|opus|bin)|(?:wav|bin)\.part)$/s;

/**
 * Lists the segments of one folder in order of their stems, a range at a time: memory does not grow with the folder.
 * Links are not followed; hidden files and segments in progress are left out.
 */
export async function* listFolder(options: ListOptions): AsyncGenerator<FoundRange> {
  const { folder, rangeStems } = options;
  let { onFolder } = options;
  let after: string | undefined;
  do {
    const stems = new SmallestStems(rangeStems, after);
    await readNames(options, stems, onFolder);
    const { found, last } = stems.finish();
    const segments = await withSizes(options, found);
    yield { after: after && below(folder, after), upTo: last && below(folder, last), segments };
    after = last;
    onFolder = () => undefined;
  } while (after !== undefined);
}

/** Path of what stands in a folder below the data directory. */
export function below(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

async function readNames(
  { fs, path }: ListOptions,
  stems: SmallestStems,
  onFolder: (name: string) => void,
): Promise<void> {
  for await (const entry of await fs.opendir(path, { bufferSize: 256 })) {
    if (entry.isDirectory()) onFolder(entry.name);
    const [, stem, form] = (entry.isFile() && FILE.exec(entry.name)) || [];
    if (stem !== undefined) stems.add(stem, form as Form | undefined);
  }
}

async function withSizes(options: ListOptions, found: readonly StemForms[]): Promise<FoundSegment[]> {
  const segments: FoundSegment[] = [];
  for (const { stem, forms } of found) {
    const files: FoundForm[] = [];
    for (const form of forms) {
      const bytes = await sizeOf(options, `${stem}.${form}`);
      if (bytes !== undefined) files.push({ form, bytes });
    }
    if (files.length > 0) segments.push({ stem: below(options.folder, stem), forms: files });
  }
  return segments;
}

async function sizeOf({ fs, path, pace }: ListOptions, name: string): Promise<number | undefined> {
  await pace.next();
  try {
    const stats = await fs.lstat(join(path, name));
    return stats.isFile() ? stats.size : undefined;
  } catch (error) {
    if (isGone(error)) return undefined; // removed meanwhile
    throw error;
  }
}
