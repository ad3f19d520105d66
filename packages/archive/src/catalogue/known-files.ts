import type { Queries } from "./queries.js";
import type { Form } from "./segment.js";

/** What the catalogue knows of one segment's files. */
export interface KnownSegment {
  readonly id: number;
  readonly stem: string;
  readonly forms: readonly KnownForm[];
}

/** A file of a segment, as the catalogue knows it. */
export interface KnownForm {
  readonly form: Form;
  readonly bytes: number;
  readonly local: boolean;
}

const PAGE = 500;
const COLUMNS = `id, stem, (SELECT json_group_array(json_array(form, bytes, local)) FROM forms
  WHERE segment_id = segments.id) AS forms`;

/**
 * Which files the catalogue believes to be where. Folders are paths below the data directory, with `/`; empty for
 * itself. The index of stems is searched in leaps: a folder with a thousand others in it takes a thousand look-ups,
 * not a look at all their segments.
 */
export class KnownFiles {
  readonly #queries: Queries;

  constructor(queries: Queries) {
    this.#queries = queries;
  }

  /** The segment of that name; undefined: the catalogue has none. */
  byStem(stem: string): KnownSegment | undefined {
    const sql = `SELECT ${COLUMNS} FROM segments WHERE stem = ?`;
    return this.#queries.all<KnownRow>(sql, stem).map(knownFrom)[0];
  }

  /**
   * Stems in a folder itself that have local files, in order.
   * @param after stems behind this one
   * @param upTo stems up to this one
   */
  *localStems(folder: string, after: string | undefined, upTo: string | undefined): Generator<string> {
    const prefix = prefixOf(folder);
    let from = after ?? prefix;
    for (let limit = 1; ; ) {
      const page = this.#page(from, upTo ?? lastIn(prefix), limit);
      const inner = page.findIndex(({ stem }) => stem.includes("/", prefix.length));
      const direct = inner < 0 ? page : page.slice(0, inner);
      for (const { stem, localForms } of direct) if (localForms > 0) yield stem;
      if (inner < 0 && page.length < limit) return;
      from = inner < 0 ? (page.at(-1) as StemRow).stem : behindFolder(page[inner].stem, prefix);
      limit = inner < 0 ? Math.min(PAGE, limit * 4) : 1;
    }
  }

  /** Names of the folders in a folder below which the catalogue has segments, wherever their files are now. */
  foldersIn(folder: string): string[] {
    const prefix = prefixOf(folder);
    const names: string[] = [];
    for (let from = prefix; ; ) {
      const [row] = this.#queries.all<{ stem: string }>(
        `SELECT stem FROM segments WHERE stem > ?1 AND stem < ?2 AND instr(substr(stem, length(?3) + 1), '/') > 0
         ORDER BY stem LIMIT 1`,
        ...[from, lastIn(prefix), prefix],
      );
      if (row === undefined) return names;
      names.push(folderIn(row.stem, prefix));
      from = behindFolder(row.stem, prefix);
    }
  }

  /**
   * Some of the segments anywhere below a folder that have local files, in order of their stems.
   * @param after stems behind this one
   */
  localBelow(folder: string, after?: string, limit = PAGE): KnownSegment[] {
    const prefix = prefixOf(folder);
    const sql = `SELECT ${COLUMNS} FROM segments WHERE stem > ? AND stem < ? AND local_forms > 0
      ORDER BY stem LIMIT ?`;
    return this.#queries.all<KnownRow>(sql, after ?? prefix, lastIn(prefix), limit).map(knownFrom);
  }

  #page(from: string, upTo: string, limit: number): StemRow[] {
    const sql = `SELECT stem, local_forms AS localForms FROM segments WHERE stem > ? AND stem <= ?
      ORDER BY stem LIMIT ?`;
    return this.#queries.all<StemRow>(sql, from, upTo, limit);
  }
}

interface StemRow {
  readonly stem: string;
  readonly localForms: number;
}

interface KnownRow {
  readonly id: number;
  readonly stem: string;
  readonly forms: string;
}

function prefixOf(folder: string): string {
  return folder === "" ? "" : `${folder}/`;
}

// Behind every path with this prefix: no name begins with the last character that there is.
function lastIn(prefix: string): string {
  return `${prefix}\u{10FFFF}`;
}

function folderIn(stem: string, prefix: string): string {
  return stem.slice(prefix.length, stem.indexOf("/", prefix.length));
}

function behindFolder(stem: string, prefix: string): string {
  return lastIn(`${prefix}${folderIn(stem, prefix)}/`);
}

function knownFrom({ id, stem, forms }: KnownRow): KnownSegment {
  const rows = JSON.parse(forms) as [Form, number, 0 | 1][];
  return { id, stem, forms: rows.map(([form, bytes, local]) => ({ form, bytes, local: local === 1 })) };
}
