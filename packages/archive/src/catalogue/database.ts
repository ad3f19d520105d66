import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import Database from "libsql";
import { ArchiveError } from "../errors.js";
import { MIGRATIONS } from "./schema.js";

export type { Database };

export interface OpenOptions {
  /** Nothing is written; the catalogue must exist. */
  readonly readOnly?: boolean;
}

/** Name of the catalogue in the data directory. */
export const CATALOGUE_FILE = "catalogue.db";
const SIDE_FILES = ["", "-wal", "-shm"];
const BROKEN = new Set(["SQLITE_NOTADB", "SQLITE_CORRUPT"]);
// A command beside a running server waits for its transactions, which last milliseconds.
const BUSY_MS = 10_000;

/**
 * Opens `<dataDir>/catalogue.db`, creating it and bringing it to this version's schema as needed.
 * @throws ArchiveError `catalogue-missing` (read only), `catalogue-broken`, `catalogue-newer`, `catalogue-unusable`
 */
export function openDatabase(dataDir: string, { readOnly = false }: OpenOptions = {}): Database.Database {
  const path = join(dataDir, CATALOGUE_FILE);
  if (readOnly && isEmpty(path)) throw missing(path);
  return explained(path, () => {
    const database = new Database(path);
    try {
      database.pragma(`busy_timeout = ${BUSY_MS}`);
      if (!readOnly) requireWal(database);
      // The WAL is synced at its checkpoints only: what a power loss takes from it is found again by a scan.
      database.pragma("synchronous = NORMAL");
      database.pragma("foreign_keys = ON");
      migrate(database, path, readOnly);
      if (readOnly) database.pragma("query_only = ON"); // libsql takes no notice of its option `readonly`
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Moves a catalogue that cannot be read out of the way, replacing one that was moved before. */
export function setAsideDatabase(dataDir: string): string {
  const path = join(dataDir, CATALOGUE_FILE);
  for (const side of SIDE_FILES) {
    rmSync(`${path}.broken${side}`, { force: true });
    if (existsSync(path + side)) renameSync(path + side, `${path}.broken${side}`);
  }
  return `${path}.broken`;
}

/** Whether the database itself is damaged: nothing helps but building it anew. */
export function isBroken(error: unknown): boolean {
  if (error instanceof ArchiveError) return error.code === "catalogue-broken";
  const { code } = error as { code?: unknown };
  return typeof code === "string" && BROKEN.has(code.split("_").slice(0, 2).join("_"));
}

function migrate(database: Database.Database, path: string, readOnly: boolean): void {
  const version = versionOf(database);
  if (version > MIGRATIONS.length) throw newer(path, version);
  if (version === MIGRATIONS.length) return;
  if (readOnly) throw older(path);
  database.exec("BEGIN IMMEDIATE"); // two programs may come here at once
  for (const step of MIGRATIONS.slice(versionOf(database))) database.exec(step);
  database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
  database.exec("COMMIT");
}

// SQLite goes on in another mode without a word while somebody reads a database that is not in this one yet.
function requireWal(database: Database.Database): void {
  const [row] = database.pragma("journal_mode = WAL") as { journal_mode: string }[];
  if (row?.journal_mode !== "wal") throw new Error("another program keeps it from using its write-ahead log");
}

// One that has just been made is not opened to be read: that could keep its maker from switching to WAL.
function isEmpty(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0;
}

function versionOf(database: Database.Database): number {
  const [row] = database.pragma("user_version") as { user_version: number }[];
  return row.user_version;
}

function explained<T>(path: string, open: () => T): T {
  try {
    return open();
  } catch (cause) {
    if (cause instanceof ArchiveError) throw cause;
    const { message } = cause as Error;
    if (isBroken(cause))
      throw new ArchiveError(
        "catalogue-broken",
        `catalogue ${path} is damaged (${message}): run audio-receiver reindex, or start the server, which builds it anew from the files`,
        { cause },
      );
    throw new ArchiveError(
      "catalogue-unusable",
      `catalogue ${path} cannot be opened: ${message}: the data directory must be writable, with room on its disk`,
      { cause },
    );
  }
}

function missing(path: string): ArchiveError {
  return new ArchiveError(
    "catalogue-missing",
    `there is no catalogue ${path}: run audio-receiver reindex, or start the server, which builds it from the files`,
  );
}

function older(path: string): ArchiveError {
  return new ArchiveError(
    "catalogue-missing",
    `catalogue ${path} is of an earlier version: run audio-receiver reindex, or start the server, which bring it up to date`,
  );
}

function newer(path: string, version: number): ArchiveError {
  return new ArchiveError(
    "catalogue-newer",
    `catalogue ${path} has version ${version}, this program knows ${MIGRATIONS.length}: use the newer program, or move the file away, and it is built anew from the recordings`,
  );
}
