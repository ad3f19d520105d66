import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { open, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Form } from "@audio/archive";
import { readUpTo, withOldFile } from "./open-old.js";

/** What is remembered of a file that was taken, or was about to be. */
export interface LedgerLine {
  /** See `fileKey`. */
  readonly key: string;
  /** When, ISO 8601. */
  readonly at: string;
  /** Absolute path that it was taken from. */
  readonly from: string;
  /** Where it is: path below the data directory without extension, with `/`. */
  readonly stem: string;
  readonly form: Form;
  /** Of the copy, hex; absent while it is being placed, and for links. */
  readonly sha256?: string;
  /** It is in its place. */
  readonly done: boolean;
}

const LEDGER_FILE = "imports.jsonl";
const EDGE_BYTES = 65_536;

/**
 * Knows a file again wherever it lies and whenever it was copied: its name, its size, and 64 kB from both of its ends.
 */
export function fileKey(path: string): Promise<string> {
  return withOldFile(path, async (file) => {
    const { size } = await file.stat();
    const hash = createHash("sha256").update(`${basename(path)}\n${size}\n`);
    hash.update(await readUpTo(file, 0, EDGE_BYTES));
    hash.update(await readUpTo(file, Math.max(EDGE_BYTES, size - EDGE_BYTES), EDGE_BYTES));
    return hash.digest("hex").slice(0, 32);
  });
}

/** The files that were ever imported into a data directory, so that none is taken twice: `imports.jsonl`. */
export class ImportLedger {
  readonly #lines: Map<string, LedgerLine>;
  readonly #sources: Map<string, string>;
  readonly #file: FileHandle | undefined;

  private constructor(lines: readonly LedgerLine[], file: FileHandle | undefined) {
    this.#lines = new Map(lines.map((line) => [line.key, line]));
    this.#sources = new Map(lines.map(({ stem, from }) => [stem, nameOf(from)]));
    this.#file = file;
  }

  /** @param readOnly nothing is added, and no file is made */
  static async open(dataDir: string, { readOnly }: { readOnly: boolean }): Promise<ImportLedger> {
    const path = join(dataDir, LEDGER_FILE);
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "";
      throw error;
    });
    const file = readOnly ? undefined : await open(path, "a", 0o644);
    if (text !== "" && !text.endsWith("\n")) await file?.write("\n"); // torn by a crash
    return new ImportLedger(text.split("\n").flatMap(parseLine), file);
  }

  find(key: string): LedgerLine | undefined {
    return this.#lines.get(key);
  }

  /** Name, without extension, of what was imported as `stem`; undefined: it was not imported. */
  importedName(stem: string): string | undefined {
    return this.#sources.get(stem);
  }

  async add(lines: readonly LedgerLine[]): Promise<void> {
    for (const line of lines) {
      this.#lines.set(line.key, line);
      this.#sources.set(line.stem, nameOf(line.from));
    }
    await this.#file?.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }

  async close(): Promise<void> {
    await this.#file?.sync();
    await this.#file?.close();
  }
}

function nameOf(path: string): string {
  const name = basename(path);
  const dot = name.indexOf(".");
  return dot < 0 ? name : name.slice(0, dot);
}

function parseLine(text: string): LedgerLine[] {
  try {
    const line = JSON.parse(text) as Partial<LedgerLine>;
    const texts = [line.key, line.from, line.stem, line.form];
    return texts.every((value) => typeof value === "string") ? [line as LedgerLine] : [];
  } catch {
    return []; // torn by a crash: what it told of is found by its name and time
  }
}
