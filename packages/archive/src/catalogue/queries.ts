import type Database from "libsql";

type Value = string | number | null | Uint8Array;

/** SQL that is prepared once and then used again. */
export class Queries {
  readonly #database: Database.Database;
  readonly #readOnly: boolean;
  readonly #statements = new Map<string, Database.Statement>();

  constructor(database: Database.Database, readOnly = false) {
    this.#database = database;
    this.#readOnly = readOnly;
  }

  /** Every row. Blobs come as ArrayBuffer. */
  all<Row>(sql: string, ...values: readonly Value[]): Row[] {
    return this.#prepared(sql).all(values) as Row[];
  }

  /** How many rows were changed. */
  run(sql: string, ...values: readonly Value[]): number {
    return this.#prepared(sql).run(values).changes;
  }

  /** All or nothing, and many times faster than one by one. Not to be nested. */
  transaction<T>(work: () => T): T {
    this.run("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.run("COMMIT");
      return result;
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  /** Whoever writes leaves the database in one file, unless somebody else still reads it. */
  close(): void {
    this.#statements.clear(); // libsql keeps a database open whose statements are
    if (!this.#readOnly) this.#database.pragma("wal_checkpoint(TRUNCATE)");
    this.#database.close();
  }

  #prepared(sql: string): Database.Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
