import type { Queries } from "./queries.js";

/** What the catalogue remembers of its own making: how far files and folders have been read. */
export class Notes {
  readonly #queries: Queries;

  constructor(queries: Queries) {
    this.#queries = queries;
  }

  /** When a folder was last changed, as of its last complete scan: nanoseconds since the epoch. */
  folderMtimeNs(path: string): bigint | undefined {
    const sql = "SELECT mtime_ns AS ns FROM folders WHERE path = ?";
    const [row] = this.#queries.all<{ ns: string }>(sql, path);
    return row === undefined ? undefined : BigInt(row.ns);
  }

  setFolder(path: string, mtimeNs: bigint): void {
    this.#queries.run("INSERT OR REPLACE INTO folders(path, mtime_ns) VALUES (?, ?)", path, String(mtimeNs));
  }

  /** Every folder that was scanned, by path. */
  folders(): string[] {
    return this.#queries
      .all<{ path: string }>("SELECT path FROM folders ORDER BY path")
      .map(({ path }) => path);
  }

  removeFolder(path: string): void {
    this.#queries.run("DELETE FROM folders WHERE path = ?", path);
  }

  /** Bytes of a file of the gap ledger that are in the catalogue. */
  ledgerBytes(name: string): number {
    const sql = "SELECT bytes FROM ledger_files WHERE name = ?";
    return this.#queries.all<{ bytes: number }>(sql, name)[0]?.bytes ?? 0;
  }

  setLedgerBytes(name: string, bytes: number): void {
    this.#queries.run("INSERT OR REPLACE INTO ledger_files(name, bytes) VALUES (?, ?)", name, bytes);
  }

  mark(name: string): string | undefined {
    return this.#queries.all<{ value: string }>("SELECT value FROM marks WHERE name = ?", name)[0]?.value;
  }

  setMark(name: string, value: string): void {
    this.#queries.run("INSERT OR REPLACE INTO marks(name, value) VALUES (?, ?)", name, value);
  }
}
