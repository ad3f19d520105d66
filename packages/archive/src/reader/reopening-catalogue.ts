import { statSync } from "node:fs";
import { join } from "node:path";
import { type Catalogue, openCatalogue } from "../catalogue/catalogue.js";
import { CATALOGUE_FILE, isBroken } from "../catalogue/database.js";
import { ArchiveError } from "../errors.js";

interface Open<Held> {
  readonly catalogue: Catalogue;
  readonly held: Held;
  readonly file: string;
}

// One that is being made or brought to this version must be let alone: opening it takes a lock.
const AGAIN_MS = 250;

/**
 * The catalogue of a data directory, to be read while others write it, break it, move it away and make it anew: it is
 * opened again whenever its file is another one than before, and closed when it fails.
 */
export class ReopeningCatalogue<Held> {
  readonly #dataDir: string;
  readonly #hold: (catalogue: Catalogue) => Held;
  #open: Open<Held> | undefined;
  #refusal: { readonly error: ArchiveError; readonly untilMs: number } | undefined;

  /** @param hold makes what is kept as long as the catalogue is open */
  constructor(dataDir: string, hold: (catalogue: Catalogue) => Held) {
    this.#dataDir = dataDir;
    this.#hold = hold;
  }

  /**
   * Does some work with it.
   * @throws ArchiveError `catalogue-missing`, `catalogue-broken`, `catalogue-newer`, `catalogue-unusable`; whatever
   *   `work` throws that does not come from the database
   */
  use<T>(work: (held: Held) => T): T {
    const { held } = this.#current();
    try {
      return work(held);
    } catch (error) {
      if (!isFromDatabase(error)) throw error;
      this.close();
      throw failure(this.#dataDir, error as Error);
    }
  }

  close(): void {
    this.#open?.catalogue.close();
    this.#open = undefined;
  }

  #current(): Open<Held> {
    const file = this.#identity();
    if (this.#open !== undefined && this.#open.file !== file) this.close();
    this.#open ??= this.#reopen(file);
    return this.#open;
  }

  #reopen(file: string): Open<Held> {
    if (this.#refusal !== undefined && performance.now() < this.#refusal.untilMs) throw this.#refusal.error;
    try {
      const catalogue = openCatalogue(this.#dataDir, { readOnly: true });
      return { catalogue, held: this.#hold(catalogue), file };
    } catch (error) {
      if (error instanceof ArchiveError) this.#refusal = { error, untilMs: performance.now() + AGAIN_MS };
      throw error;
    }
  }

  // A file that is moved away keeps its number as long as it is open here: the one in its place has another.
  #identity(): string {
    const stat = statSync(join(this.#dataDir, CATALOGUE_FILE), { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? "" : `${stat.dev}:${stat.ino}`;
  }
}

function isFromDatabase(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === "string" && code.startsWith("SQLITE_");
}

function failure(dataDir: string, cause: Error): ArchiveError {
  const path = join(dataDir, CATALOGUE_FILE);
  const [code, what] = isBroken(cause)
    ? (["catalogue-broken", "is damaged"] as const)
    : (["catalogue-unusable", "cannot be read"] as const);
  const text = `catalogue ${path} ${what}: ${cause.message}: the server repairs it, or says in its log why it cannot`;
  return new ArchiveError(code, text, { cause });
}
